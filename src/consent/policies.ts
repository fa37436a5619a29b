/** The policy under which a family is asked today. */
export const CURRENT_POLICY = 'http://gezinspoort.nl/policy/igp-exchange|2';

/**
 * The consent policies this gateway knows. A FHIR Consent means nothing without the policy to which its provisions are exceptions (R4 invariant
 * ppc-1), so one under any other policy is not interpreted. A superseded version is one whose change was material: the family must be asked again.
 */
export const POLICIES: Readonly<Record<string, 'current' | 'superseded'>> = {
  [CURRENT_POLICY]: 'current',
  'http://gezinspoort.nl/policy/igp-exchange|1': 'superseded',
};

/** The state of the policies a Consent names together: one that is not known spoils all, one that is superseded spoils the current. */
export function policyState(uris: readonly (string | undefined)[]): 'current' | 'superseded' | 'unknown' {
  const states = uris.map((uri) => (uri !== undefined && Object.hasOwn(POLICIES, uri) ? POLICIES[uri] : undefined));
  if (states.length === 0 || states.includes(undefined)) return 'unknown';
  return states.includes('superseded') ? 'superseded' : 'current';
}
