// Records the Node packages: `node record.mjs DIRECTORY SDK_SCRIPTS TIMELINES`, run where node_modules is.

import { record as sdk } from './sdk.mjs';
import { record as retry } from './retry.mjs';
import { record as breakers } from './breakers.mjs';

const [out, scripts, timelines] = process.argv.slice(2);
await sdk(out, scripts);
await retry(out);
await breakers(out, timelines);
