import { Agent } from "https";

// ruleid: js-tls-verification-off
export const agent: Agent = new Agent({ rejectUnauthorized: false });

// ok: js-tls-verification-off
export const agentSafe: Agent = new Agent({ ca: authority });
