import { pageAsset } from '../../../scripts/page-asset.mjs';

/** The sources have no browser part until the build puts it into them. */
export function buildPage(): void {
  Object.assign(globalThis, { PAGE_ASSET: pageAsset() });
}
