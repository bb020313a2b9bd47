/** The configuration, typed and checked: what config.ini says, or a default. Made by `parse.ts` alone. */

export type Mode =
  | { readonly kind: 'auto'; readonly label: string }
  | { readonly kind: 'central'; readonly label: string }
  | { readonly kind: 'off' };

export type StoreEngine = 'sqljs' | 'sqlite' | 'postgres';

export type Config = {
  /** Undefined: the file has no `2FA` key. Then nobody with two-factor on gets in (SPEC §2). */
  readonly mode: Mode | undefined;
  readonly login: {
    readonly attempts: number;
    readonly timeoutSeconds: number;
    /** Time steps accepted each side of the present one (RFC 6238 §5.2). */
    readonly codeWindow: number;
    /** 0: no limit. */
    readonly autoPairingWithinDays: number;
  };
  readonly lockout: {
    readonly passwordFailures: number;
    readonly codeFailures: number;
    readonly firstDelaySeconds: number;
    readonly longestDelaySeconds: number;
    readonly hardLimit: number;
  };
  readonly password: {
    readonly minLength: number;
    readonly minLengthWithout2FA: number;
    readonly argon2MemoryMiB: number;
    readonly argon2Passes: number;
  };
  readonly store: {
    readonly engine: StoreEngine;
    /** Absolute: relative paths in the file count from its folder. */
    readonly path: string;
    readonly url: string;
    readonly keyFile: string;
  };
  readonly audit: {
    readonly path: string;
    /** Records that wait for the files at most; then grants and changes end. */
    readonly queueMax: number;
    /** 0: no limit. */
    readonly maxMiB: number;
    readonly keepDays: number;
  };
  readonly server: { readonly socket: string; readonly hostSocket: string };
  readonly terminal: {
    readonly qr: 'auto' | 'blocks' | 'ansi' | 'key';
    readonly colour: 'auto' | 'never';
    readonly qrSeconds: number;
  };
};
