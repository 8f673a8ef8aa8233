/**
 * Ends the process. A call of the file system that hangs (a network drive that is gone) keeps Node from exiting; then the
 * process kills itself, a second after everything has been said.
 */
export const depart = (code: number, exit: (code: number) => void, looks = 100): void => {
  if (!isStuck()) exit(code)
  else if (looks === 0) process.kill(process.pid, "SIGKILL")
  else setTimeout(() => depart(code, exit, looks - 1), 10)
}

const isStuck = (): boolean => process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"))
