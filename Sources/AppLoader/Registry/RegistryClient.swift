package import AppModel
import NIOCore
import NIOHTTP1
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Speaks to one registry (OCI distribution specification 1.1).
package final class RegistryClient: Sendable {
    /// The largest manifest, in bytes: registries need not take larger ones.
    private static let manifestLimit = 4 << 20
    private static let redirectLimit = 10

    /// How a registry is reached.
    package struct Endpoint: Sendable, Hashable {
        /// The host, with its port if there is one.
        package var registry: String
        package var usesPlainHTTP = false
        package var credentials: RegistryCredentials?

        package init(registry: String, usesPlainHTTP: Bool = false, credentials: RegistryCredentials? = nil) {
            self.registry = registry
            self.usesPlainHTTP = usesPlainHTTP
            self.credentials = credentials
        }
    }

    let endpoint: Endpoint
    let exchange: HTTPExchange
    /// For answers that are short.
    private let patientExchange: HTTPExchange
    /// Values of `authorization`, by repository and what they are good for.
    private let authorizations = Mutex<[String: String]>([:])

    package init(_ endpoint: Endpoint, exchange: HTTPExchange) {
        self.endpoint = endpoint
        self.exchange = exchange
        var short = exchange
        if short.timeLimit == nil { short.timeLimit = .seconds(120) }
        self.patientExchange = short
    }

    var name: String { self.endpoint.registry }

    // MARK: - Reading

    /// The tags of a repository, in the registry's order.
    package func tags(of repository: String) async throws -> [String] {
        struct List: Decodable { var tags: [String]? }
        var tags: [String] = []
        var next: URL? = try self.url("\(repository)/tags/list", query: "n=1000")
        var pages = 0
        while let url = next {
            pages += 1
            guard pages <= 100 else {
                throw FetchError("\(self.name) lists more than 100 pages of versions of \(repository)")
            }
            let (answer, body) = try await self.collect(
                HTTPExchange.Request(url), repository, limit: Self.manifestLimit)
            guard answer.status == 200 else { throw self.refusal(answer, body, of: "\(self.name)/\(repository)") }
            guard let list = try? JSONDecoder().decode(List.self, from: Data(body)) else {
                throw FetchError("\(self.name) answers with something else than the versions of \(repository)")
            }
            tags += list.tags ?? []
            next = Self.nextPage(answer)
        }
        return tags
    }

    /// The manifest of an image, and its digest.
    package func manifest(
        _ reference: ImageReference
    ) async throws -> (manifest: ImageManifest, digest: ContentDigest, bytes: [UInt8]) {
        var request = HTTPExchange.Request(try self.url("\(reference.repository)/manifests/\(reference.manifest)"))
        let types = [MediaType.manifest, MediaType.dockerManifest, MediaType.index, MediaType.dockerIndex]
        request.headers = [("accept", types.joined(separator: ", "))]
        let (answer, body) = try await self.collect(request, reference.repository, limit: Self.manifestLimit)
        guard answer.status == 200 else { throw self.refusal(answer, body, of: "\(reference)") }
        let digest = body.withUnsafeBytes { ContentCache.digest(of: $0) }
        let announced = answer.headers.first(name: "docker-content-digest").flatMap { ContentDigest($0) }
        if let expected = reference.digest ?? announced, expected != digest {
            throw FetchError("the manifest of `\(reference)` has the digest \(digest) rather than \(expected)")
        }
        struct Kind: Decodable { var mediaType: String? }
        let inside = (try? JSONDecoder().decode(Kind.self, from: Data(body)))?.mediaType
        let header = answer.headers.first(name: "content-type").map { String($0.prefix { $0 != ";" }) }
        let type = inside ?? header ?? MediaType.manifest
        guard ![MediaType.index, MediaType.dockerIndex].contains(type) else {
            throw FetchError("`\(reference)` is an index of images for several platforms, no WebAssembly")
        }
        guard [MediaType.manifest, MediaType.dockerManifest].contains(type) else {
            throw FetchError("`\(reference)` is no image: its manifest is of the type `\(Self.clean(type))`")
        }
        do {
            return (try JSONDecoder().decode(ImageManifest.self, from: Data(body)), digest, body)
        } catch {
            throw FetchError("`\(reference)` has a manifest that is not understood: \(LockedAppReader.reason(error))")
        }
    }

    /// Gets a part of an image.
    package func blob(
        _ digest: ContentDigest, of repository: String, onStart: (Int?) throws -> Void,
        onChunk: (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let name = "\(self.name)/\(repository)@\(digest)"
        let request = HTTPExchange.Request(try self.url("\(repository)/blobs/\(digest)"))
        var problem: [UInt8] = []
        let answer = try await self.send(
            request, repository, self.exchange,
            onHead: { answer in
                if answer.status == 200 {
                    try onStart(answer.headers.first(name: "content-length").flatMap { Int($0) })
                }
                return true
            },
            onChunk: { answer, bytes in
                if answer.status == 200 { return try onChunk(bytes) }
                problem += bytes.prefix(max(0, 65536 - problem.count))
            })
        guard answer.status == 200 else { throw self.refusal(answer, problem, of: name) }
    }

    // MARK: - Requests

    func url(_ path: String, query: String? = nil) throws(FetchError) -> URL {
        let scheme = self.endpoint.usesPlainHTTP ? "http" : "https"
        // Docker's registry is elsewhere than its name says.
        let host = self.name == "docker.io" ? "registry-1.docker.io" : self.name
        guard let url = URL(string: "\(scheme)://\(host)/v2/\(path)" + (query.map { "?\($0)" } ?? "")) else {
            throw FetchError("`\(host)/\(path)` is no address")
        }
        return url
    }

    func collect(
        _ request: HTTPExchange.Request, _ repository: String, limit: Int, actions: String = "pull"
    ) async throws -> (HTTPExchange.Answer, [UInt8]) {
        var body: [UInt8] = []
        let answer = try await self.send(
            request, repository, self.patientExchange, actions: actions,
            onHead: { _ in
                body = []
                return true
            },
            onChunk: { _, bytes in
                guard body.count + bytes.count <= limit else {
                    throw FetchError(
                        "`\(HTTPExchange.display(request.url))` answers with more than \(limit >> 10) KiB")
                }
                body += bytes
            })
        return (answer, body)
    }

    /// Sends a request with what access it needs, to where the registry says.
    func send(
        _ original: HTTPExchange.Request, _ repository: String, _ exchange: HTTPExchange, actions: String = "pull",
        onHead: (HTTPExchange.Answer) throws -> Bool,
        onChunk: (HTTPExchange.Answer, UnsafeRawBufferPointer) throws -> Void
    ) async throws -> HTTPExchange.Answer {
        let key = "\(repository):\(actions)"
        var request = original
        var hasAsked = false
        for _ in 0...Self.redirectLimit {
            var attempt = request
            // The registry's, and nobody else's.
            if Self.origin(request.url) == Self.origin(original.url),
                let value = self.authorizations.withLock({ $0[key] })
            {
                attempt.headers.append(("authorization", value))
            }
            // What another host asks for is not answered.
            let mayAsk = !hasAsked && Self.origin(request.url) == Self.origin(original.url)
            var head: HTTPExchange.Answer?
            let answer = try await exchange.send(
                attempt,
                onHead: { answer in
                    let isRedirection = (300..<400).contains(answer.status) && answer.location != nil
                    if isRedirection || (answer.status == 401 && mayAsk) { return false }
                    head = answer
                    return try onHead(answer)
                },
                onChunk: { if let head { try onChunk(head, $0) } })
            if head != nil { return answer }
            if answer.status == 401 {
                hasAsked = true
                let value = try await self.authorization(answer, repository, actions)
                self.authorizations.withLock { $0[key] = value }
            } else if let location = answer.location {
                guard location.scheme == "https" || self.endpoint.usesPlainHTTP else {
                    throw FetchError(
                        "\(self.name) redirects to `\(HTTPExchange.display(location))`, which is not encrypted")
                }
                request.url = location
            }
        }
        throw FetchError("`\(HTTPExchange.display(original.url))` redirects more than \(Self.redirectLimit) times")
    }

    private static func origin(_ url: URL) -> String {
        "\(url.scheme ?? "")://\(url.host(percentEncoded: false)?.lowercased() ?? ""):\(url.port ?? 0)"
    }

    private static func nextPage(_ answer: HTTPExchange.Answer) -> URL? {
        for link in answer.headers[canonicalForm: "link"]
        where link.contains("rel=\"next\"") || link.contains("rel=next") {
            guard let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">"), start < end else {
                continue
            }
            let url = URL(string: String(link[link.index(after: start)..<end]), relativeTo: answer.url)?.absoluteURL
            // A list goes on where it began.
            return url.flatMap { Self.origin($0) == Self.origin(answer.url) ? $0 : nil }
        }
        return nil
    }
}
