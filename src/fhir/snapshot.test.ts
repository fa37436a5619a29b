import { readFileSync } from 'node:fs';
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { PROFILE_FOLDER, snapshots } from './pack-snapshots.ts';
import { withSnapshot } from './snapshot.ts';

const made = [...snapshots(PROFILE_FOLDER)];

describe("snapshots of this project's profiles", () => {
  it.each(made)(
    '%s holds the snapshot that follows from its differential (node src/fhir/pack-snapshots.ts writes it)',
    (file, profile) => {
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(profile);
    },
  );

  it.each(made)(
    '%s says in its snapshot all that its differential says, and more only from its base',
    (_file, profile) => {
      const { snapshot, differential } = profile;
      const byId = new Map((snapshot?.element ?? []).map((one) => [one.id, one]));
      expect(byId.size).toBeGreaterThan((differential?.element ?? []).length);
      for (const { constraint = [], ...rest } of differential?.element ?? []) {
        const element = byId.get(rest.id) as ElementDefinition;
        expect(element).toMatchObject(rest);
        expect(element.constraint ?? []).toEqual(expect.arrayContaining(constraint));
      }
    },
  );

  it.each(made)('%s narrows its base and never widens it', (_file, { snapshot }) => {
    for (const { path, min = 0, max = '*', base } of snapshot?.element ?? []) {
      expect([path, min >= (base?.min ?? 0)]).toEqual([path, true]);
      const bound = base?.max === '*' ? Number.POSITIVE_INFINITY : Number(base?.max);
      expect([path, max === '*' ? bound === Number.POSITIVE_INFINITY : Number(max) <= bound]).toEqual([path, true]);
    }
  });
});

it('a differential that names no element of its base is refused', () => {
  const base = { url: 'http://x.nl/b', snapshot: { element: [{ path: 'Patient' }] } } as StructureDefinition;
  const profile = {
    url: 'http://x.nl/p',
    differential: { element: [{ path: 'Patient.hobby' }] },
  } as StructureDefinition;
  expect(() => withSnapshot(profile, base)).toThrow('http://x.nl/p: Patient.hobby is no element of http://x.nl/b.');
});
