import { describe } from 'vitest';
import { assertionCases } from './assertion-cases.ts';
import { formCases } from './form-cases.ts';
import { grantCases } from './grant-cases.ts';
import { type OpenStore, tokenWorld } from './world.ts';

/** What every store must make true of the token endpoint. Cases after the Inferno SMART App Launch test kit (backend services), and more. */
export function describeTokenEndpoint(name: string, open: () => Promise<OpenStore>): void {
  describe(`token endpoint on ${name}`, () => {
    const world = tokenWorld(open);
    grantCases(world);
    assertionCases(world);
    formCases(world);
  });
}
