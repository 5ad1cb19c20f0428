import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Gets files over HTTP, following redirections.
package struct HTTPContentFetcher: ContentFetcher {
    private static let redirectLimit = 10

    private let exchange: HTTPExchange

    package init(_ exchange: HTTPExchange = HTTPExchange()) {
        self.exchange = exchange
    }

    package func fetch(
        _ text: String, onStart: (Int?) throws -> Void, onChunk: (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        guard var url = URL(string: text) else { throw FetchError("`\(text)` is no http or https URL") }
        for _ in 0...Self.redirectLimit {
            let answer = try await self.exchange.send(
                HTTPExchange.Request(url),
                onHead: { answer in
                    if (300..<400).contains(answer.status), answer.location != nil { return false }
                    guard answer.status == 200 else {
                        throw FetchError("`\(HTTPExchange.display(url))` answers \(answer.status) \(answer.reason)")
                    }
                    try onStart(answer.headers.first(name: "content-length").flatMap { Int($0) })
                    return true
                }, onChunk: onChunk)
            guard answer.status != 200, let location = answer.location else { return }
            url = location
        }
        throw FetchError("`\(text)` redirects more than \(Self.redirectLimit) times")
    }
}
