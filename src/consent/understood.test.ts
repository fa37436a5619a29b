import type { Consent } from '@medplum/fhirtypes';
import { expect, it } from 'vitest';
import { consent, deny, permit } from './testing/invented.ts';
import { isUnderstood } from './understood.ts';

const uuid = { reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' };

it.each([
  ['that counts', consent(permit({ provision: [deny()] })), true],
  ['with references within a Bundle', { ...consent(permit()), patient: uuid, performer: [uuid] }, true],
  ['that is a refusal', consent(undefined, { status: 'rejected' }), true],
  ['that ends what was not understood', consent(permit({ class: [{ code: 'x' }] }), { status: 'inactive' }), true],
  ['that is not understood', consent(permit({ class: [{ code: 'x' }] })), false],
  ['under a policy that is not known', consent(permit(), { policy: [{ uri: 'urn:x' }] }), false],
  ['that nobody made', consent(permit(), { performer: undefined }), false],
  ['made by a name', consent(permit(), { performer: [{ display: 'moeder' }] }), false],
  ['made at no time', consent(permit(), { dateTime: undefined }), false],
  ['about nobody', consent(permit(), { patient: undefined, status: 'inactive' }), false],
  ['that is no Consent', null as unknown as Consent, false],
])('a Consent %s: %#', (_, one, expected) => expect(isUnderstood(one)).toBe(expected));
