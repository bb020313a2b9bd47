/**
 * What the core asks of the world: behaviour, not tables. Each method of Store is one transaction; what it answers has
 * been written down durably before it answers. Expected outcomes are return values; a broken store throws a Fault.
 */
import type { AuditEvent } from './audit-event.ts';
import type { Factor, LockoutRules } from './lockout.ts';
import type { Pairing, TwoFactor, TwoFactorState } from './two-factor.ts';
import type { EpochMs, NameKey, Role, UserId } from './user.ts';

export type Clock = { now(): EpochMs };

/** Bytes from the operating system's CSPRNG. */
export type Random = { bytes(count: number): Uint8Array };

export type PasswordHasher = {
  /** PHC string of argon2id with the parameters in force. */
  hash(password: string): Promise<string>;
  /** Undefined hash (unknown user, no password): the same work is done against a dummy, and the answer is false. */
  verify(password: string, phc: string | null | undefined): Promise<boolean>;
  /** True where a hash was made with lower parameters than those in force. */
  needsRehash(phc: string): boolean;
};

/** Authenticated encryption with the key file's keys; `binding` names the row and column and is authenticated with it. */
export type SecretBox = {
  seal(plaintext: Uint8Array, binding: string): string;
  /** Throws a Fault where envelope, key or binding do not fit. */
  open(envelope: string, binding: string): Uint8Array;
  /** Id of the key that `seal` uses now. */
  readonly keyId: string;
};

export type AuditLog = {
  /** Appended and on disk when it resolves. */
  append(event: AuditEvent): Promise<void>;
};

export type User = {
  readonly id: UserId;
  readonly name: string;
  readonly nameKey: NameKey;
  readonly display: string;
  readonly group: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly passwordHash: string | null;
  readonly mustChangePassword: boolean;
  /** An initial password made by an admin stops working then (ASVS 5.0 6.4.1); null: no limit. */
  readonly passwordExpiresAt: EpochMs | null;
  readonly twoFactor: TwoFactor;
  readonly lastLoginAt: EpochMs | null;
  readonly createdAt: EpochMs;
  /** Latest lock over both counters; null: none in force now. */
  readonly lockedUntil: EpochMs | null;
  /** Goes up by one with each administrative edit; for conflict detection. */
  readonly version: number;
  /** Goes up by one with each new password, and with nothing else: a better hash of the same one leaves it. */
  readonly passwordVersion: number;
};

export type NewUser = Pick<
  User,
  'id' | 'name' | 'nameKey' | 'display' | 'group' | 'role' | 'passwordHash' | 'mustChangePassword' | 'passwordExpiresAt'
>;

/** What an admin may edit; a field left out stays. */
export type UserEdit = Partial<
  Pick<User, 'display' | 'group' | 'role' | 'disabled' | 'passwordHash' | 'mustChangePassword' | 'passwordExpiresAt'>
>;

/** A user as a table of all shows them: nothing sealed, no hash. `state` is the one that counts now. */
export type ListedUser = Pick<
  User,
  'id' | 'name' | 'display' | 'group' | 'role' | 'disabled' | 'lastLoginAt' | 'lockedUntil'
> & { readonly state: TwoFactorState };

/** Which users a bulk operation means. */
export type Selection =
  | { readonly kind: 'all' }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'users'; readonly ids: readonly UserId[] };

export type UserFilter = {
  readonly state?: TwoFactorState;
  readonly group?: string;
  readonly role?: Role;
  readonly search?: string;
};

/** What a failed attempt costs is decided inside the transaction, by the counters as they are then. */
export type Locked = { readonly kind: 'locked'; readonly retryAfterSeconds: number };
export type Refused = { readonly kind: 'refused'; readonly retryAfterSeconds: number };

export type PasswordSettled = { readonly kind: 'right' } | Refused | Locked;

/**
 * Whose login it is, and on what it stands since the password was right. Each transaction of the login looks again (ACCEPTANCE C37): the same
 * account, enabled, with the same password, in a facility that nobody restored meanwhile.
 */
export type LoginClaim = {
  readonly userId: UserId;
  /** `User.passwordVersion` of the password that was right; null where a host checked one of its own. */
  readonly passwordVersion: number | null;
  /** `FoundUser.epoch`. */
  readonly epoch: string;
  /** Who may come in here; undefined: everybody. */
  readonly roles?: readonly Role[];
};

/** Why a login no longer stands. For the audit trail; the person is only told to log in again. */
export type ClaimFailure =
  | 'user-removed'
  | 'user-disabled'
  | 'password-changed'
  | 'password-expired'
  | 'must-change-password'
  | 'two-factor-changed'
  | 'facility-restored'
  | 'role-not-allowed';

export type ClaimVoid = { readonly kind: 'void'; readonly why: ClaimFailure };

/** How a grant stands in the audit trail. */
export type GrantRecord = {
  readonly event: 'login.granted' | 'login.deferred';
  /** The method: `password+totp`, ... */
  readonly detail: string;
  readonly stepsOff?: number;
  /** It is a sign-in to the console, and recorded as one too. */
  readonly console?: boolean;
};

export type CodeClaim =
  /** The code is used up. `granted`: and the login is granted, where that was asked for. */
  | { readonly kind: 'claimed'; readonly granted: boolean }
  /** The step (or a later one) was accepted before. Counted as a failure. */
  | { readonly kind: 'already-used'; readonly retryAfterSeconds: number }
  /** `stepsOff`: of a code that is right at another time near this one. */
  | (Refused & { readonly stepsOff?: number })
  | Locked
  /** The pairing was deactivated, replaced or ran out since it was read. Not a grant. */
  | { readonly kind: 'pairing-gone' }
  | ClaimVoid;

/** What a code is to do beyond being used up: with `grant`, the login is granted in the same transaction. */
export type CodeAttempt = {
  readonly claim: LoginClaim;
  readonly rules: LockoutRules;
  readonly grant?: GrantRecord;
};

/** What a login that asked more after its proof rests on; it is looked at again when the login is granted. */
export type GrantProof =
  | { readonly by: 'time-step' | 'recovery-code'; readonly pairingId: string }
  /** `requiredAt` of the requirement that the code was used under. */
  | { readonly by: 'one-time-code'; readonly requiredAt: EpochMs | null }
  /** No second factor: two-factor is off for all (`never`), or for this user or until a date that has not come (`by-user`). */
  | { readonly by: 'password'; readonly twoFactorRequired: 'never' | 'by-user' };

export type GrantRequest = {
  readonly claim: LoginClaim;
  readonly proof: GrantProof;
  readonly grant: GrantRecord;
  /** PHC string of the password that the user chose in this login. */
  readonly newPasswordHash?: string;
};

export type FoundUser = { readonly user: User | undefined; readonly now: EpochMs; readonly epoch: string };

/** What a login reads. */
export type LoginReads = {
  /** The clock that decides time steps: the host's, or the database's where several hosts share it. */
  now(): Promise<EpochMs>;
  /** Together with the time at which he was so; `epoch` is another text after each restore, empty where there is no such user. */
  findUser(key: NameKey): Promise<FoundUser>;
  /** True when any user has two-factor on (not `off`). */
  anyTwoFactor(): Promise<boolean>;
  /** Sealed hashes of what is left. */
  recoveryCodes(userId: UserId): Promise<readonly StoredCode[]>;
  oneTimeCode(userId: UserId): Promise<StoredCode | undefined>;
};

/** What a login changes; each of these records what it did in the same transaction. */
export type LoginWrites = {
  /**
   * The outcome of a password check becomes known only through this: counted when wrong, hidden while locked. `user` is
   * undefined for names without a user; their counters are kept in bounded number under the same rules.
   */
  settlePassword(attempt: {
    readonly counter: string;
    readonly user: Pick<User, 'id' | 'name' | 'disabled'> | undefined;
    readonly right: boolean;
    readonly rules: LockoutRules;
  }): Promise<PasswordSettled>;
  /** Better parameters for the hash of a right password; no version change. No effect if the hash changed meanwhile. */
  rehashPassword(change: { readonly userId: UserId; readonly from: string; readonly to: string }): Promise<void>;
  /**
   * A secret made at a login (Auto). Replaces an unconfirmed one from an earlier login; `changed` when the user is no
   * longer in the state it was read in. None while codes are locked: it could not be confirmed.
   */
  issuePairing(issue: {
    readonly claim: LoginClaim;
    readonly rules: LockoutRules;
    readonly seen: string | null;
    readonly pairing: Pairing;
  }): Promise<'issued' | 'changed' | Locked | ClaimVoid>;
  /**
   * `step` is the time step at which the typed code matched, null when at none. Claims it and pairs an issued pairing in one
   * transaction; or counts one failure. `nearby` is asked only then: a wrong code must take no longer while locked than a right one.
   */
  claimTimeStep(
    attempt: CodeAttempt & {
      readonly pairingId: string;
      readonly step: number | null;
      /** Steps each side of the present one that count: the clock went back where the last one used is beyond them (ACCEPTANCE C5). */
      readonly window: number;
      /** The time step that a wrong code belongs to, where it is near the present one. */
      readonly nearby?: () => number | null;
    },
  ): Promise<CodeClaim>;
  /** `codeId` null: the typed code matched none. Like claimTimeStep. */
  consumeRecoveryCode(attempt: CodeAttempt & { readonly codeId: string | null }): Promise<CodeClaim>;
  consumeOneTimeCode(attempt: CodeAttempt & { readonly codeId: string | null }): Promise<CodeClaim>;
  /** The user's own recovery codes, after pairing. */
  keepRecoveryCodes(change: {
    readonly claim: LoginClaim;
    readonly codes: readonly StoredCode[];
  }): Promise<'replaced' | 'not-paired' | ClaimVoid>;
  /** The grant of a login whose proof is made: looks at everything again, notes the login, clears the counters, sets the new password. */
  grant(request: GrantRequest): Promise<{ readonly kind: 'granted' } | ClaimVoid>;
};

export type LoginStore = LoginReads & LoginWrites;

/** A recovery or one-time code at rest: a sealed salted hash, never the code. */
export type StoredCode = { readonly id: string; readonly sealedHash: string; readonly expiresAt: EpochMs | null };

export type EditOutcome =
  | { readonly kind: 'edited'; readonly user: User }
  | { readonly kind: 'gone' }
  /** Somebody edited the user since `expectedVersion`. */
  | { readonly kind: 'conflict'; readonly user: User }
  /** The edit would leave no admin who can log on. */
  | { readonly kind: 'last-admin' };

export type RequireOutcome = {
  readonly activated: readonly UserId[];
  readonly alreadyActive: number;
};

export type IssuedMany =
  | { readonly kind: 'issued' }
  | { readonly kind: 'refused'; readonly gone: readonly UserId[]; readonly issued: readonly UserId[] };

export type DirectoryReads = {
  users(filter?: UserFilter): Promise<readonly User[]>;
  /** Everybody, one by one and in no order; much quicker than `users` where there are many, and nothing is kept. */
  visitUsers(visit: (user: ListedUser) => void): Promise<void>;
  userById(id: UserId): Promise<User | undefined>;
  /** Those of the keys that a user has. */
  takenKeys(keys: readonly NameKey[]): Promise<readonly NameKey[]>;
  countStates(): Promise<Readonly<Record<TwoFactorState, number>>>;
  /** Changes whenever any process has written; for live refresh. */
  revision(): Promise<string>;
};

/** What an administrator changes; each of these records what it did in the same transaction. */
export type DirectoryWrites = {
  /** All or none; `taken` names those whose key exists already. */
  addUsers(
    users: readonly NewUser[],
    how?: 'one by one' | 'imported',
  ): Promise<{ readonly kind: 'added' } | { readonly kind: 'taken'; readonly keys: readonly NameKey[] }>;
  editUser(edit: {
    readonly id: UserId;
    readonly expectedVersion?: number;
    readonly changes: UserEdit;
  }): Promise<EditOutcome>;
  removeUser(id: UserId): Promise<'removed' | 'gone' | 'last-admin'>;
  /** Clears both counters. False: no such user. */
  unlock(id: UserId): Promise<boolean>;
  /** off → required for every user of the selection, in one transaction; active users untouched. */
  requireTwoFactor(change: {
    readonly selection: Selection;
    readonly from: EpochMs | null;
    /** What was asked for, where some were left out of it: for the record. */
    readonly asked?: Selection;
  }): Promise<RequireOutcome>;
  /** required (or an expired issue) → issued by an admin; an unexpired issue or a pairing stays and loses its expiry. */
  issueByAdmin(issue: {
    readonly userId: UserId;
    readonly pairing: Pairing;
  }): Promise<{ readonly kind: 'issued' | 'kept'; readonly pairing: Pairing } | { readonly kind: 'off' | 'gone' }>;
  /**
   * off, required (or an expired issue) → issued by an admin, for all of them or for none; what is off becomes required at once, a date that was
   * set stays. `refused` names those who are gone or have a secret already. Each user once.
   */
  issueMany(
    issues: readonly { readonly userId: UserId; readonly pairing: Pairing }[],
    origin: string,
  ): Promise<IssuedMany>;
  /** any → off: secret, recovery and one-time codes are gone from the file. `counts` for the audit. */
  deactivate(id: UserId): Promise<'deactivated' | 'already-off' | 'gone'>;
  putOneTimeCode(change: { readonly userId: UserId; readonly code: StoredCode }): Promise<'put' | 'off' | 'gone'>;
  replaceRecoveryCodes(change: {
    readonly userId: UserId;
    readonly codes: readonly StoredCode[];
  }): Promise<'replaced' | 'not-paired'>;
};

export type DirectoryStore = DirectoryReads & DirectoryWrites;

/** What key rotation and back-up read. Envelopes are found by the key id they begin with. */
export type MaintenanceReads = {
  /** Up to `limit` sealed values not under `keyId`, with what they are bound to. */
  sealedNotUnder(keyId: string, limit: number): Promise<readonly SealedCell[]>;
  /** `ok`, or what the engine's own check found. */
  integrity(): Promise<readonly string[]>;
  /** A whole, consistent copy as one SQLite file. */
  snapshot(): Promise<Uint8Array>;
};

export type MaintenanceWrites = {
  /** Each cell whose envelope is still `from` becomes `to`. Returns how many did. Not recorded: it changes nothing that counts. */
  reseal(cells: readonly { readonly cell: SealedCell; readonly to: string }[]): Promise<number>;
  /** For what changes nothing in the database, or failed. */
  record(event: AuditEvent): Promise<void>;
};

export type SealedCell = {
  readonly table: 'pairing' | 'recovery' | 'one-time';
  readonly rowId: string;
  readonly userId: UserId;
  readonly envelope: string;
};

export type StoreReads = LoginReads & DirectoryReads & MaintenanceReads;
export type StoreWrites = LoginWrites & DirectoryWrites & MaintenanceWrites;

/** Who does something, and where: in each record of what is written. */
export type AuditContext = Pick<AuditEvent, 'actor' | 'terminal'>;

export type Store = StoreReads & {
  /** The store for somebody who changes something: nothing is changed that is not recorded as theirs. */
  by(who: AuditContext): StoreReads & StoreWrites;
  close(): Promise<void>;
};

export type { Factor };
