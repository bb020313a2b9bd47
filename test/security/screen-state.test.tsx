/** C34 within a process: what is typed into a secret field of the console reaches no prop of a React element, and so no state and no frame. */
import { inspect } from 'node:util';
import { beforeEach, expect, it, vi } from 'vitest';
import { PASSWORD } from '../support/temporary-facility.ts';
import { testConsole } from '../support/test-console.tsx';

const CANARY = 'canary-tulips-in-a-field';

const { props, recording } = vi.hoisted(() => {
  const props: unknown[] = [];
  /** The same maker of elements, that remembers what each one was given. */
  const recording =
    <Made,>(make: (type: unknown, given: unknown, ...rest: unknown[]) => Made) =>
    (type: unknown, given: unknown, ...rest: unknown[]): Made => {
      props.push(given);
      return make(type, given, ...rest);
    };
  return { props, recording };
});
vi.mock('react/jsx-runtime', async (original) => {
  const real = await original<Record<'jsx' | 'jsxs', (...given: unknown[]) => unknown>>();
  return { ...real, jsx: recording(real.jsx), jsxs: recording(real.jsxs) };
});
vi.mock('react/jsx-dev-runtime', async (original) => {
  const real = await original<Record<'jsxDEV', (...given: unknown[]) => unknown>>();
  return { ...real, jsxDEV: recording(real.jsxDEV) };
});

beforeEach(() => void props.splice(0));

function given(): string {
  return inspect(props, { depth: 12, showHidden: true, maxStringLength: 2000, maxArrayLength: 5000 });
}

it('has no password in any element while one is typed at the sign-in, nor after it', async () => {
  const place = await testConsole({ people: [{ name: 'ada', role: 'admin' }] });
  await place.until(/User name/);
  place.type('ada\r');
  await place.until(/Password/);
  place.type(PASSWORD);
  await place.until(/•{21}/);
  place.type('\r');
  await place.until(/ada \(admin\)/);
  expect(given()).toContain('ada');
  expect(given()).toContain('•'.repeat(21));
  expect(given()).not.toContain(PASSWORD);
});

it('has no password in any element that an administrator types for somebody else', async () => {
  const place = await testConsole({ people: [{ name: 'ada', role: 'admin' }, { name: 'bob' }] });
  await place.signIn('ada');
  place.type('/bob\r\r');
  await place.until(/p Password/);
  place.type('p');
  await place.until(/does not go around two-factor/);
  // On from "made here" to "typed".
  place.type('\x1b[C\t');
  place.type(CANARY);
  await place.until(/•{10}/);
  expect(given()).toMatch(/•{10}/);
  expect(given()).not.toContain(CANARY);
});
