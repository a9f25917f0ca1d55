/**
 * Where values are kept by key: AsyncStorage of React Native, or any object with these methods,
 * such as `localStorage`. They may return the value or a promise of it.
 */
export interface KeyValueStorage {
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>
  setItem(key: string, value: string): unknown
  removeItem(key: string): unknown
}
