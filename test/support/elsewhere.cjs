// As on a machine that cannot be recorded, where plan and explain take a preset.
Object.defineProperty(process, 'arch', { value: 'riscv64' });
