/** The suite that every engine passes: `describeStoreContract('sqljs', openBench)`. */
import { describe } from 'vitest';
import type { Bench } from './bench.ts';
import { claimContract } from './claim-contract.ts';
import { codeContract } from './code-contract.ts';
import { directoryContract } from './directory-contract.ts';
import { engineContract } from './engine-contract.ts';
import { keepingContract } from './keeping-contract.ts';
import { namesContract } from './names-contract.ts';
import { passwordContract } from './password-contract.ts';
import { recordContract } from './record-contract.ts';
import { secondCodeContract } from './second-code-contract.ts';
import { twoFactorContract } from './two-factor-contract.ts';

export function describeStoreContract(name: string, openBench: () => Promise<Bench>): void {
  describe(`store contract: ${name}`, () => {
    describe('engine', () => engineContract(openBench));
    describe('directory', () => directoryContract(openBench));
    describe('passwords', () => passwordContract(openBench));
    describe('names', () => namesContract(openBench));
    describe('two-factor', () => twoFactorContract(openBench));
    describe('time steps', () => codeContract(openBench));
    describe('recovery and one-time codes', () => secondCodeContract(openBench));
    describe('claims and records', () => claimContract(openBench));
    describe('records', () => recordContract(openBench));
    describe('keeping', () => keepingContract(openBench));
  });
}
