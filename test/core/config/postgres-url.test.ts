import { describe, expect, it } from 'vitest';
import { isLocal, parsePostgresUrl } from '../../../src/core/config/postgres-url.ts';

function addressOf(url: string) {
  const reading = parsePostgresUrl(url);
  if (!reading.ok) throw new Error(reading.wrong);
  return reading.value;
}

describe('the address of a PostgreSQL server', () => {
  it('is read part by part, and checks the certificate where it leaves this machine', () => {
    expect(addressOf('postgres://gate%40ward:p%3Aw%25@db.example:5433/gate%20house')).toEqual({
      hosts: [{ host: 'db.example', port: 5433 }],
      user: 'gate@ward',
      database: 'gate house',
      password: 'p:w%',
      passfile: undefined,
      sslmode: 'verify-full',
      sslrootcert: undefined,
      sslcert: undefined,
      sslkey: undefined,
    });
    expect(addressOf('postgresql://gate@db.example/gate?sslmode=verify-ca&sslrootcert=/etc/ca.pem')).toMatchObject({
      sslmode: 'verify-ca',
      sslrootcert: '/etc/ca.pem',
    });
  });

  it.each([
    ['postgres://u@a,b:2,[::1]:3,[2001:db8::1]/d', ['a:5432', 'b:2', '::1:3', '2001:db8::1:5432']],
    ['postgres:///d?host=/run/postgresql', ['/run/postgresql:5432']],
    ['postgres://u@%2Frun%2Fpg/d?port=6000', ['/run/pg:6000']],
    ['postgres:///d?host=a,b&port=1,2', ['a:1', 'b:2']],
  ])('names the hosts of %s', (url, hosts) => {
    expect(addressOf(url).hosts.map(({ host, port }) => `${host}:${port}`)).toEqual(hosts);
  });

  it.each(['localhost', '127.0.0.1', '[::1]', '%2Frun%2Fpg'])('needs no TLS to %s, which is this machine', (host) => {
    const { hosts, sslmode } = addressOf(`postgres://u@${host}/d`);
    expect([isLocal(hosts), sslmode]).toEqual([true, 'disable']);
  });

  it.each([
    'postgres://u@localhost,db.example/d',
    'postgres://u@127.evil.example/d',
    'postgres://u@localhost.example/d',
  ])('asks for TLS where one of the hosts of %s is elsewhere', (url) =>
    expect(addressOf(url).sslmode).toBe('verify-full'),
  );

  it.each([
    'mysql://u@h/d',
    'postgres://u@h',
    'postgres://u@h/',
    'postgres:///d',
    'postgres://u@h/d/e',
    'postgres://u@h/d#x',
    'postgres://u@h:0/d',
    'postgres://u@h:65536/d',
    'postgres://u@h:x/d',
    'postgres://u@a,,b/d',
    'postgres://u@a/d?port=1,2',
    'postgres://u@h/d?sslmode=prefer',
    'postgres://u@h/d?sslmode=allow',
    'postgres://u@h/d?options=-csearch_path%3Devil',
    'postgres://u@h/d?sslmode=require&sslmode=disable',
    'postgres://u@h/d?passfile=relative',
    'postgres://u@h/d?sslcert=/c.pem',
    'postgres://u%zz@h/d',
    'postgres://u%00@h/d',
  ])('refuses %s', (url) => {
    const reading = parsePostgresUrl(url);
    expect(reading.ok).toBe(false);
  });

  it('repeats no password in what it says', () => {
    for (const url of ['postgres://u:s3cret@h:0/d', 'postgres://u:s3cret@h/d?x=1', 'mysql://u:s3cret@h/d']) {
      expect(JSON.stringify(parsePostgresUrl(url))).not.toContain('s3cret');
    }
  });
});
