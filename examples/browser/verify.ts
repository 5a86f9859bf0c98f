/** Verifies the chosen kernels against the chosen certificates, whose names end in .pem. */
import { portableHashes } from 'kexec-file';
import { buildTrustStore, parseKeyringFile, verify } from 'kexec-file/trust';
import { showPage } from './page.ts';

showPage((files) => {
  const isCertificate = (name: string): boolean => name.endsWith('.pem');
  const sources = [...files]
    .filter(([name]) => isCertificate(name))
    .map(([name, bytes]) => ({ name, keyring: 'builtin' as const, file: parseKeyringFile(bytes, 'trust') }));
  const trust = buildTrustStore(sources, portableHashes);
  return [...files]
    .filter(([name]) => !isCertificate(name))
    .map(([name, bytes]) => {
      const { verdict, detail } = verify(bytes, { trust });
      return `${name}: ${verdict}, ${detail}\n`;
    })
    .join('');
});
