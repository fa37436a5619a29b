import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

/**
 * Every answer of the FHIR base carries a receipt id and the way to its explanation, whether something was released, withheld, refused or never there: the headers are of one
 * shape and tell nothing. What was decided for the answer is recorded under this id.
 */
export function giveReceipt(ports: { readonly publicUrl: string }): RequestHandler {
  return (_request, response, next) => {
    response.locals.receipt = randomUUID();
    response.set('gezinspoort-receipt', response.locals.receipt);
    response.set('link', `<${ports.publicUrl}/fhir/$explain>; rel="http://gezinspoort.nl/fhir/rel/explain"`);
    next();
  };
}
