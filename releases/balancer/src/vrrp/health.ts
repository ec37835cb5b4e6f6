import http from "node:http";

export interface HealthOptions {
  port: number;
  intervalMs: number;
  /** Failures in a row that make it bad, successes that make it good. */
  after: number;
}

/** Asks the proxy of this VM how it is, and says when the answer has changed. */
export function watchHealth({ port, intervalMs, after }: HealthOptions, changed: (good: boolean) => void): void {
  let [good, inRow] = [false, 0];
  const ask = async (): Promise<void> => {
    const answer = await healthy(port, Math.max(1000, intervalMs));
    inRow = answer === good ? 0 : inRow + 1;
    if (inRow >= after) {
      good = answer;
      inRow = 0;
      changed(good);
    }
    setTimeout(() => void ask(), intervalMs);
  };
  void ask();
}

function healthy(port: number, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ host: "127.0.0.1", port, path: "/health", timeout, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
    request.on("close", () => resolve(false));
  });
}
