/// What besides resources stands in handle tables: "types" of its entries that no resource type has.
///
/// The entry's representation is an index into ``ComponentInstance/resources``.
enum AsyncHandle {
    static let subtask: UInt32 = .max - 1
    static let waitableSet: UInt32 = .max - 2
    static let errorContext: UInt32 = .max - 3
    static let readableStream: UInt32 = .max - 4
    static let writableStream: UInt32 = .max - 5
    static let readableFuture: UInt32 = .max - 6
    static let writableFuture: UInt32 = .max - 7
}
