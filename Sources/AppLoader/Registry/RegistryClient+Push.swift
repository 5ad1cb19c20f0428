package import AppModel
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writing: parts first, then the manifest that names them.
extension RegistryClient {
    private static let writing = "pull,push"

    /// The bytes of a part.
    package enum PartContent: Sendable {
        case bytes([UInt8])
        case file(String)
    }

    /// Whether the registry takes the credentials. Throws ``FetchError`` when it does not.
    package func checkAccess() async throws {
        let (answer, body) = try await self.collect(
            HTTPExchange.Request(try self.url("")), "", limit: 1 << 20, actions: "")
        guard answer.status == 200 else { throw self.refusal(answer, body, of: self.name) }
    }

    /// Puts a part of an image into a repository, unless it is there.
    ///
    /// - Parameter willUpload: called when it is not.
    package func push(
        _ part: ImageManifest.Descriptor, _ content: PartContent, to repository: String,
        willUpload: () -> Void = {}
    ) async throws {
        var question = HTTPExchange.Request(try self.url("\(repository)/blobs/\(part.digest)"))
        question.method = .HEAD
        let known = try await self.collect(question, repository, limit: 1 << 20, actions: Self.writing).0
        if known.status == 200 { return }
        willUpload()
        var start = HTTPExchange.Request(try self.url("\(repository)/blobs/uploads/"))
        start.method = .POST
        let (answer, body) = try await self.collect(start, repository, limit: 1 << 20, actions: Self.writing)
        guard answer.status == 202, let place = answer.location else {
            throw self.refusal(answer, body, of: "\(self.name)/\(repository)")
        }
        guard var components = URLComponents(url: place, resolvingAgainstBaseURL: true) else {
            throw FetchError("\(self.name) does not say where to upload to")
        }
        let query = [components.percentEncodedQuery, "digest=\(part.digest)"].compactMap { $0 }
        components.percentEncodedQuery = query.joined(separator: "&")
        guard let url = components.url, url.scheme == "https" || self.endpoint.usesPlainHTTP else {
            throw FetchError("\(self.name) says to upload without encryption")
        }
        var upload = HTTPExchange.Request(url)
        upload.method = .PUT
        upload.headers = [("content-type", "application/octet-stream")]
        upload.body =
            switch content {
            case .bytes(let bytes): .bytes(bytes)
            case .file(let path): .file(path, size: part.size)
            }
        // As long as it takes: what is sent may be large.
        var text: [UInt8] = []
        let done = try await self.send(
            upload, repository, self.exchange, actions: Self.writing, onHead: { _ in true },
            onChunk: { _, bytes in text += bytes.prefix(max(0, 65536 - text.count)) })
        guard done.status == 201 else { throw self.refusal(done, text, of: "\(self.name)/\(repository)") }
    }

    /// Puts the manifest, under the tag of the reference. Gives its digest.
    package func push(_ manifest: ImageManifest, to reference: ImageReference) async throws -> ContentDigest {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(manifest))
        var request = HTTPExchange.Request(try self.url("\(reference.repository)/manifests/\(reference.manifest)"))
        request.method = .PUT
        request.headers = [("content-type", MediaType.manifest)]
        request.body = .bytes(bytes)
        let (answer, body) = try await self.collect(
            request, reference.repository, limit: 1 << 20, actions: Self.writing)
        guard answer.status == 201 else { throw self.refusal(answer, body, of: "\(reference)") }
        return bytes.withUnsafeBytes { ContentCache.digest(of: $0) }
    }
}
