/** Verifies signatures, as the kernel verifies them: node verify.ts signing_cert.pem vmlinuz… */
import { verify } from 'kexec-file/node';

async function main([certificate = 'signing_cert.pem', ...files]: string[]) {
  for (const { file, verdict, detail } of await verify(files, { trust: { certs: [certificate] } })) {
    console.log(`${file}: ${verdict}, ${detail}`);
    if (verdict === 'refused') process.exitCode = 1;
  }
}

main(process.argv.slice(2));
