/** Settings of one machine: /proc/sys, for as long as it runs. */
export interface Settings {
  /** As the kernel writes it, without the end of the line; `undefined` where there is no such setting. */
  read(name: string): Promise<string | undefined>
  /** Rejects with a `RusherError` (`SETTING_REFUSED`) and the reason when it may not be set, or the kernel takes no such value. */
  write(name: string, value: string): Promise<void>
  /** Ports on which anything listens. */
  listening(): Promise<readonly number[]>
}
