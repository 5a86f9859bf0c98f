/** The curves of ECDSA keys that the kernel verifies with: P-192, P-256, P-384 and P-521. */
export type CurveName = 'p192' | 'p256' | 'p384' | 'p521';
