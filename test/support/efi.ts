/** The parts of a signature list. The sizes in its header can be wrong. */
export interface EfiListParts {
  /** GUID of the type. */
  readonly type: string;
  readonly header?: Uint8Array;
  readonly signatures: readonly { readonly owner?: string; readonly data: Uint8Array }[];
  readonly sizes?: { readonly list?: number; readonly header?: number; readonly signature?: number };
}

export const EFI_TYPE = {
  x509: 'a5c059a1-94e4-4aa7-87b5-ab155c2bf072',
  sha256: 'c1c41626-504c-4092-aca9-41f936934328',
  x509Sha256: '3bd2a492-96c0-4079-b420-fcf98ef103ed',
  x509Sha384: '7076876e-80c2-4ee6-aad2-28b349a6865b',
  x509Sha512: '446dbf63-2502-4cda-bcfa-2465d2b0fe9d',
  sha1: '826ca512-cf10-4ac9-b187-be01496631bd',
} as const;

/** An owner for tests in which it does not matter. */
export const SOME_OWNER = '605dab50-e046-4300-abb6-3dd810dd8b23';

/** Signature lists, one after another. */
export function buildEfiLists(...lists: readonly EfiListParts[]): Uint8Array {
  return new Uint8Array(Buffer.concat(lists.map(buildList)));
}

function buildList({ type, header = new Uint8Array(), signatures, sizes = {} }: EfiListParts): Uint8Array {
  const body = signatures.flatMap(({ owner = SOME_OWNER, data }) => [encodeGuid(owner), data]);
  const start = Buffer.alloc(12);
  const length = (parts: readonly Uint8Array[]) => Buffer.concat(parts).length;
  start.writeUInt32LE(sizes.list ?? 28 + header.length + length(body), 0);
  start.writeUInt32LE(sizes.header ?? header.length, 4);
  start.writeUInt32LE(sizes.signature ?? 16 + (signatures[0]?.data.length ?? 0), 8);
  return Buffer.concat([encodeGuid(type), start, header, ...body]);
}

/** A GUID as UEFI stores it: the first three numbers little-endian. */
export function encodeGuid(guid: string): Uint8Array {
  const [a = '', b = '', c = '', ...rest] = guid.split('-');
  const reversed = [a, b, c].map((digits) => Buffer.from(digits, 'hex').reverse());
  return Buffer.concat([...reversed, Buffer.from(rest.join(''), 'hex')]);
}
