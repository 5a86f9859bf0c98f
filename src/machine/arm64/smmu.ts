import { getProperty } from '../../formats/fdt/edit.js';
import { type Fdt, type FdtNode, walkNodes } from '../../formats/fdt/tree.js';
import { readStrings } from '../../formats/fdt/values.js';
import { isAvailable } from '../device-tree.js';

/** The `compatible` names of Linux's bindings for SMMUs: arm,smmu.yaml and arm,smmu-v3.yaml. */
const SMMU = /^arm,(smmu-v[123]|mmu-[45]0[01])$/;

/** Whether the device tree has an SMMU that is not disabled. */
export function hasSmmu({ root }: Fdt): boolean {
  for (const node of walkNodes(root)) {
    if (isSmmu(node)) return true;
  }
  return false;
}

function isSmmu(node: FdtNode): boolean {
  const compatible = getProperty(node, 'compatible');
  if (compatible === undefined || !readStrings(compatible).some((name) => SMMU.test(name))) return false;
  return isAvailable(node);
}
