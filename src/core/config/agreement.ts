/** Settings that are each right and do not go together. */
import type { Config } from './model.ts';
import type { SettingKey } from './settings.ts';

export type Disagreement = {
  /** The settings concerned; the problem is shown at the one that stands last in the file. */
  readonly keys: readonly [SettingKey, ...SettingKey[]];
  readonly wrong: string;
  readonly right: string;
};

/** Bytes of a Unix socket's path on Linux (`sun_path`, unix(7)), its final NUL not counted. */
const SOCKET_PATH_MAX_BYTES = 107;

export function disagreements(config: Config): readonly Disagreement[] {
  return [
    ...lockoutDisagreements(config),
    ...otherDisagreements(config),
    ...samePlaces(config),
    ...longSockets(config),
  ];
}

function lockoutDisagreements({ lockout }: Config): readonly Disagreement[] {
  const found: Disagreement[] = [];
  if (lockout.firstDelaySeconds > lockout.longestDelaySeconds) {
    found.push({
      keys: ['Lockout.FirstDelaySeconds', 'Lockout.LongestDelaySeconds'],
      wrong: `the first delay (${lockout.firstDelaySeconds}) is longer than the longest (${lockout.longestDelaySeconds})`,
      right: 'raise LongestDelaySeconds or lower FirstDelaySeconds',
    });
  }
  const budgets = [
    ['Lockout.PasswordFailures', 'PasswordFailures', lockout.passwordFailures],
    ['Lockout.CodeFailures', 'CodeFailures', lockout.codeFailures],
  ] as const;
  for (const [key, name, failures] of budgets) {
    if (failures <= lockout.hardLimit) continue;
    found.push({
      keys: [key, 'Lockout.HardLimit'],
      wrong: `${name} (${failures}) is above HardLimit (${lockout.hardLimit}), so that it would never count`,
      right: `raise HardLimit or lower ${name}`,
    });
  }
  return found;
}

function otherDisagreements({ password, store }: Config): readonly Disagreement[] {
  const found: Disagreement[] = [];
  if (password.minLengthWithout2FA < password.minLength) {
    found.push({
      keys: ['Password.MinLength', 'Password.MinLengthWithout2FA'],
      wrong: `without two-factor a shorter password (${password.minLengthWithout2FA}) would do than with it (${password.minLength})`,
      right: 'raise MinLengthWithout2FA or lower MinLength',
    });
  }
  if (store.engine === 'postgres' && store.url === '') {
    found.push({
      keys: ['Store.Engine', 'Store.Url'],
      wrong: 'Engine=postgres needs to know where the server is',
      right: 'set Url in [Store], such as postgres://gatehouse@db.example/gatehouse',
    });
  }
  return found;
}

function samePlaces(config: Config): readonly Disagreement[] {
  const places = [
    ['Store.Path', config.store.path],
    ['Store.KeyFile', config.store.keyFile],
    ['Audit.Path', config.audit.path],
    ['Server.Socket', config.server.socket],
    ['Server.HostSocket', config.server.hostSocket],
  ] as const;
  return places.flatMap(([key, place], index) => {
    const twin = places.slice(0, index).find(([, other]) => place !== '' && other === place);
    if (twin === undefined) return [];
    return [
      { keys: [twin[0], key], wrong: `${twin[0]} and ${key} are one path`, right: 'give each a place of its own' },
    ];
  });
}

function longSockets({ server }: Config): readonly Disagreement[] {
  const sockets = [
    ['Server.Socket', server.socket],
    ['Server.HostSocket', server.hostSocket],
  ] as const;
  return sockets.flatMap(([key, path]) => {
    // A character has at most three bytes: most paths need not be encoded to be counted.
    if (path.length * 3 <= SOCKET_PATH_MAX_BYTES) return [];
    const bytes = new TextEncoder().encode(path).length;
    if (bytes <= SOCKET_PATH_MAX_BYTES) return [];
    return [
      {
        keys: [key],
        wrong: `the whole path has ${bytes} bytes`,
        right: `a socket's path has at most ${SOCKET_PATH_MAX_BYTES}: use a shorter one, such as /run/gatehouse/gate.sock`,
      },
    ];
  });
}
