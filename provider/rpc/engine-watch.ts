/**
 * Ends the provider when the engine that started it is gone, since an engine killed with SIGKILL takes no
 * plugin with it. Running steps get the abort first, so that they can leave a state the next run repairs.
 */
export function watchEngine(gone: () => void, intervalMs = 500): NodeJS.Timeout {
  const engine = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === engine) return;
    clearInterval(timer);
    gone();
  }, intervalMs);
  timer.unref();
  return timer;
}
