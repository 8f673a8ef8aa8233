/**
 * Ends the process. A call of the file system that hangs (a network drive that is gone) keeps Node from exiting; then the
 * process kills itself, a second after everything has been said.
 */
export const depart = (code: number, exit: (code: number) => void): void => {
  if (!isStuck()) return exit(code)
  setTimeout(() => {
    if (isStuck()) process.kill(process.pid, "SIGKILL")
    else exit(code)
  }, 1000)
}

const isStuck = (): boolean => process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"))
