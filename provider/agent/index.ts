export { AgentClient, type AgentClientOptions, type DrainType, newBlobId, type NextState } from "./client.ts";
export type { BlobSource } from "./blobs.ts";
export type { Dial } from "./connection.ts";
export { type Deadlines, DEFAULT_DEADLINES } from "./deadlines.ts";
export { waitForAgent, waitForRunning, watchSchedule, type WatchTime } from "./wait.ts";
export { newSshKeyPair, type SshKeyPair } from "./ssh-key.ts";
export { type SshAgent, SshUser } from "./ssh-user.ts";
