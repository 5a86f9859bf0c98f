import { expect, it, vi } from 'vitest';
import { Cryptoki } from '../../../../src/node/keys/pkcs11/cryptoki.js';
import type { CallFunction } from '../../../../src/node/keys/pkcs11/function-list.js';

const CKR_DEVICE_ERROR = 0x30;
const CKR_TOKEN_NOT_RECOGNIZED = 0xe1;

let results: readonly number[];

/** A module with a slot for each of the results of C_GetTokenInfo. */
const callModule: CallFunction = (name, ...args) => {
  if (name === 'C_GetSlotList') {
    const [, slots, count] = args as [number, Uint8Array, Uint8Array];
    for (const slot of results.keys()) slots[slot * 8] = slot;
    count.fill(0)[0] = results.length;
  }
  if (name !== 'C_GetTokenInfo') return 0;
  const [slot, info] = args as [bigint, Uint8Array];
  info.set(new TextEncoder().encode(`token ${slot}`.padEnd(96)));
  new DataView(info.buffer).setBigUint64(96, 0x400n, true);
  return results[Number(slot)] as number;
};

vi.mock(import('../../../../src/node/keys/pkcs11/function-list.js'), async (importOriginal) => ({
  ...(await importOriginal()),
  bindFunctions: async () => callModule,
}));

it('ignores a card that the module does not recognise', async () => {
  results = [CKR_TOKEN_NOT_RECOGNIZED, 0];
  const module = await Cryptoki.open('module.so');
  expect(module.listTokens().map(({ token }) => token)).toEqual(['token 1']);
});

it('reports a token that cannot be read', async () => {
  results = [0, CKR_DEVICE_ERROR];
  const module = await Cryptoki.open('module.so');
  expect(() => module.listTokens()).toThrow(
    expect.objectContaining({ check: 'sign-token', errno: 'EIO', seen: expect.stringContaining('0x30') }),
  );
});
