import { type Agent, request } from 'node:http';

/** Plain requests over kept connections: lighter than fetch, so that the load generator leaves its core to the gateway. */
export function poster(agent: Agent, base: string) {
  const { hostname, port } = new URL(base);
  return (
    method: string,
    path: string,
    authorization: string,
    type?: string,
    body?: string,
  ): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization,
        ...(type && { 'content-type': type }),
        ...(body && { 'content-length': Buffer.byteLength(body) }),
      };
      const sent = request({ agent, hostname, port, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
}
