import AppLoader
import Foundation
import NIOCore
import NIOHTTP1

/// Puts images into a registry as the OCI distribution specification says: what tests pull.
package struct ImagePusher: Sendable {
    package struct Part: Sendable {
        package var mediaType: String
        package var bytes: [UInt8]

        package init(_ mediaType: String, _ bytes: [UInt8]) {
            self.mediaType = mediaType
            self.bytes = bytes
        }

        package init(_ mediaType: String, _ text: String) { self.init(mediaType, Array(text.utf8)) }

        package var digest: String { self.bytes.withUnsafeBytes { "\(ContentCache.digest(of: $0))" } }
        package var descriptor: [String: any Sendable] {
            ["mediaType": self.mediaType, "digest": self.digest, "size": self.bytes.count]
        }
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let base: String
    private let authorization: String?

    package init(registry: String, user: String? = nil) {
        self.base = "http://\(registry)"
        self.authorization = user.map { "Basic " + Data($0.utf8).base64EncodedString() }
    }

    /// The manifest of an image.
    package static func manifest(config: Part, layers: [Part]) throws -> [UInt8] {
        let object: [String: any Sendable] = [
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config.descriptor, "layers": layers.map(\.descriptor),
        ]
        return Array(try JSONSerialization.data(withJSONObject: object, options: .sortedKeys))
    }

    /// A component as `wkg` pushes it.
    package func pushComponent(_ wasm: [UInt8], _ repository: String, tag: String) async throws {
        try await self.push(
            config: Part("application/vnd.wasm.config.v0+json", "{\"architecture\":\"wasm\",\"os\":\"wasip2\"}"),
            layers: [Part("application/wasm", wasm)], repository, tag: tag)
    }

    package func push(config: Part, layers: [Part], _ repository: String, tag: String) async throws {
        for part in [config] + layers { try await self.push(part, repository) }
        _ = try await self.send(
            .PUT, "\(self.base)/v2/\(repository)/manifests/\(tag)", Self.manifest(config: config, layers: layers),
            "application/vnd.oci.image.manifest.v1+json")
    }

    private func push(_ part: Part, _ repository: String) async throws {
        let start = try await self.send(.POST, "\(self.base)/v2/\(repository)/blobs/uploads/", [])
        guard let place = start.location?.absoluteString else { throw Failure(description: "no place to upload to") }
        _ = try await self.send(
            .PUT, "\(place)\(place.contains("?") ? "&" : "?")digest=\(part.digest)", part.bytes,
            "application/octet-stream")
    }

    private func send(
        _ method: HTTPMethod, _ url: String, _ body: [UInt8], _ type: String? = nil
    ) async throws -> HTTPExchange.Answer {
        guard let url = URL(string: url) else { throw Failure(description: "`\(url)` is no URL") }
        var request = HTTPExchange.Request(url)
        request.method = method
        request.body = .bytes(body)
        if let type { request.headers.append(("content-type", type)) }
        if let authorization = self.authorization { request.headers.append(("authorization", authorization)) }
        let (answer, text) = try await HTTPExchange().collect(request, limit: 1 << 20)
        guard (200..<300).contains(answer.status) else {
            throw Failure(description: "\(method) \(url): \(answer.status) \(String(decoding: text, as: UTF8.self))")
        }
        return answer
    }
}
