/** The protocol version this build speaks. It grows only when an old client would misread a new server. */
export const protocolVersion = 1

/** The oldest version a server of this build still answers. */
export const protocolVersionOldest = 1

/** The path that native clients connect to when their URL names none. */
export const connectPath = '/rusher'

/** The path of documents: Hocuspocus providers connect to it, y-websocket and HTTP clients to a name below it. */
export const documentsPath = '/docs'
