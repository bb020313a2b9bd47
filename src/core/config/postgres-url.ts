/**
 * What `Store.Url` says, in the words of libpq's addresses (https://www.postgresql.org/docs/current/libpq-connect.html). Invariant: nothing that is not
 * understood is passed over, and there is no mode that encrypts where it can and goes on where it cannot. PURE.
 */

export type PostgresAddress = {
  /** In the order in which they are tried; a host that begins with `/` is the folder of a socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Undefined: the account that Gatehouse runs under. */
  readonly user: string | undefined;
  readonly database: string;
  readonly password: string | undefined;
  /** Absolute path of a file in the format of ~/.pgpass. */
  readonly passfile: string | undefined;
  readonly sslmode: SslMode;
  /** Absolute path of a PEM file; undefined: the authorities that Node knows. */
  readonly sslrootcert: string | undefined;
  readonly sslcert: string | undefined;
  readonly sslkey: string | undefined;
};

/** `require` encrypts without asking who the other side is. */
export const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

export type AddressReading =
  | { readonly ok: true; readonly value: PostgresAddress }
  /** No sentence repeats the address: it may hold a password. */
  | { readonly ok: false; readonly wrong: string; readonly right: string };

export function parsePostgresUrl(text: string): AddressReading {
  const parts = FORM.exec(text)?.groups;
  if (parts === undefined) return wrong('this is not the address of a PostgreSQL server', `write ${EXAMPLE}`);
  const { user, password, hosts: named = '', database = '', query = '' } = parts;
  try {
    const options = new Map<string, string>();
    for (const pair of query.split('&').filter((each) => each !== '')) {
      const [name = '', ...rest] = pair.split('=');
      if (!isOption(name))
        return wrong('it has a parameter that is not known here', `the known ones: ${OPTIONS.join(', ')}`);
      if (options.has(name)) return wrong(`it has ${name} twice`, 'keep one of them');
      options.set(name, decodeURIComponent(rest.join('=')));
    }
    const hosts = hostsOf(named === '' ? (options.get('host') ?? '') : named, options.get('port'));
    if (hosts === undefined)
      return wrong('its host or port is no such thing', 'write host, host:port, or several with commas');
    const sslmode = sslmodeOf(options.get('sslmode'), hosts);
    if (sslmode === undefined) return wrong('its sslmode is none of those used here', `write ${SSL_MODES.join(', ')}`);
    for (const file of FILES) {
      const path = options.get(file);
      if (path !== undefined && !path.startsWith('/'))
        return wrong(`its ${file} is no absolute path`, 'write the whole path');
    }
    if (options.has('sslcert') !== options.has('sslkey'))
      return wrong('sslcert needs sslkey, and the other way', 'name both');
    const address = {
      hosts,
      user: user === undefined || user === '' ? undefined : decodeURIComponent(user),
      database: decodeURIComponent(database),
      password: password === undefined ? options.get('password') : decodeURIComponent(password),
      passfile: options.get('passfile'),
      sslmode,
      sslrootcert: options.get('sslrootcert'),
      sslcert: options.get('sslcert'),
      sslkey: options.get('sslkey'),
    };
    // A zero byte would end the field in the protocol, and begin another.
    if (Object.values(address).some((value) => typeof value === 'string' && value.includes('\0'))) return badCoding();
    return { ok: true, value: address };
  } catch {
    return badCoding();
  }
}

/** Whether nothing but this machine can hear what goes over it. */
export function isLocal(hosts: PostgresAddress['hosts']): boolean {
  return hosts.every(
    ({ host }) => host.startsWith('/') || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host),
  );
}

const EXAMPLE = 'postgres://gatehouse@db.example/gatehouse';
const FILES = ['passfile', 'sslrootcert', 'sslcert', 'sslkey'] as const;
const OPTIONS = ['host', 'port', 'password', 'sslmode', ...FILES] as const;
const DEFAULT_PORT = 5432;

/** Of a URL there is no more here than needed: `new URL` knows no list of hosts. */
const FORM =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^@/?#]*)\/(?<database>[^/?#]+)(?:\?(?<query>[^#]*))?$/;

function wrong(what: string, right: string): AddressReading {
  return { ok: false, wrong: what, right };
}

function badCoding(): AddressReading {
  return wrong('a percent sign in it is not followed by what it stands for', 'write % itself as %25');
}

function isOption(name: string): name is (typeof OPTIONS)[number] {
  return OPTIONS.some((option) => option === name);
}

function hostsOf(list: string, ports: string | undefined): PostgresAddress['hosts'] | undefined {
  const common = ports?.split(',') ?? [];
  const names = list.split(',');
  const hosts = names.map((name, index) => {
    const bracketed = /^\[(?<six>[0-9a-fA-F:.]+)\](?::(?<port>\d+))?$/.exec(name)?.groups;
    const plain = /^(?<host>[^:[\]]*)(?::(?<port>\d+))?$/.exec(name)?.groups;
    const host = bracketed?.six ?? (plain === undefined ? '' : decodeURIComponent(plain.host ?? ''));
    const port = bracketed?.port ?? plain?.port ?? (common.length > 1 ? common[index] : common[0]);
    return { host: host === '' ? undefined : host, port: port === undefined ? DEFAULT_PORT : portOf(port) };
  });
  return hosts.every(isWhole) && common.length <= Math.max(1, names.length) ? hosts : undefined;
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : undefined;
}

type Half = { readonly host: string | undefined; readonly port: number | undefined };

function isWhole(half: Half): half is PostgresAddress['hosts'][number] {
  return half.host !== undefined && half.port !== undefined;
}

function sslmodeOf(text: string | undefined, hosts: PostgresAddress['hosts']): SslMode | undefined {
  if (text === undefined) return isLocal(hosts) ? 'disable' : 'verify-full';
  return SSL_MODES.find((mode) => mode === text);
}
