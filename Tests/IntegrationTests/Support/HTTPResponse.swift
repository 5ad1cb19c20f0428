import Foundation

/// A response as the test client read it.
struct HTTPResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body = Data()
    var trailers: [(name: String, value: String)] = []
    /// Whether the body ended where its framing says that it ends.
    var isComplete = true

    var text: String { String(decoding: self.body, as: UTF8.self) }

    /// The first value of a header; names are compared without case.
    subscript(name: String) -> String? {
        self.headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
