package import NIOCore

/// A reply of a Redis server.
///
/// Bytes are slices of what was received. What RESP3 has beyond RESP2 is brought to the nearest case, so that callers
/// know one set: a set is an array, a map an array of keys and values in turn, a big number and a verbatim text bytes.
package enum RESPValue: Equatable, Sendable {
    case null
    case status(String)
    /// An error inside another reply, as `EXEC` gives them; one that is the whole reply is ``RedisError/server(_:)``.
    case error(String)
    case integer(Int64)
    case bytes(ByteBuffer)
    case double(Double)
    case boolean(Bool)
    case array([RESPValue])
    /// What the server sends without being asked (RESP3).
    case push([RESPValue])

    /// The text of a status or of bytes; nil for anything else, and where the bytes are not UTF-8.
    package var text: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(validating: bytes.readableBytesView, as: UTF8.self)
        default: nil
        }
    }
}
