import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import type { StoredResource } from '../store/records.ts';
import { withdrawn } from './withdraw.ts';

const stored = (resource: object, author = 'ziekenhuis'): StoredResource => {
  const one = resource as Resource & { id: string };
  return {
    type: one.resourceType,
    id: one.id,
    version: 1,
    category: 'consult',
    labels: [],
    author,
    exchange: 'x-1',
    resource: one,
  };
};
const report = (status: string, section: object[] = []) =>
  stored({ resourceType: 'Composition', id: 'c', status, section });
const refers = [
  { entry: [{ reference: 'DocumentReference/d' }, { reference: 'ServiceRequest/s' }, { reference: 'Observation/o' }] },
];
const file = [
  report('final', refers),
  stored({ resourceType: 'DocumentReference', id: 'd', status: 'current' }),
  stored({ resourceType: 'ServiceRequest', id: 's', status: 'active' }),
  stored({ resourceType: 'Observation', id: 'o', status: 'final' }),
];
const outcome = (incoming: StoredResource[], current = file) =>
  withdrawn(incoming, current, 'x-2').map((one) => [
    one.type,
    (one.resource as { status?: string }).status,
    one.exchange,
  ]);

describe('withdrawn', () => {
  it('a report that is taken back takes its documents and its referral with it', () => {
    expect(outcome([report('entered-in-error')])).toEqual([
      ['DocumentReference', 'entered-in-error', 'x-2'],
      ['ServiceRequest', 'entered-in-error', 'x-2'],
    ]);
  });

  it('a report that is only corrected takes nothing with it, and neither does one that is not known', () => {
    expect(outcome([report('amended', refers)])).toEqual([]);
    expect(outcome([report('entered-in-error')], file.slice(1))).toEqual([]);
  });

  it('what somebody else wrote, or the message says itself, stays', () => {
    const other = stored({ resourceType: 'DocumentReference', id: 'd', status: 'current' }, 'jgz');
    expect(outcome([report('entered-in-error')], [file[0] as StoredResource, other])).toEqual([]);
    expect(outcome([report('entered-in-error'), file[1] as StoredResource, file[2] as StoredResource])).toEqual([]);
  });
});
