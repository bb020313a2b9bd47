/** The standards that `gatehouse doctor --profile` knows. PURE. */
import type { Facts, Finding } from './finding.ts';
import { hipaaFindings } from './hipaa.ts';
import { nistFindings } from './nist.ts';
import { pciFindings } from './pci.ts';

export const PROFILES = ['nist', 'pci', 'hipaa'] as const;
export type Profile = (typeof PROFILES)[number];

const FINDINGS: Readonly<Record<Profile, (facts: Facts) => readonly Finding[]>> = {
  nist: nistFindings,
  pci: pciFindings,
  hipaa: hipaaFindings,
};

export function findingsOf(profile: Profile, facts: Facts): readonly Finding[] {
  return FINDINGS[profile](facts);
}
