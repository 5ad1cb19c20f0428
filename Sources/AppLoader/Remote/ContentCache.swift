package import AppModel
import Crypto

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Downloaded components, each in a file named by what its bytes hash to: `<cache>/content/sha256/<digits>.wasm`.
package struct ContentCache: Sendable {
    /// The largest download, in bytes: several times the largest component there is.
    package static let sizeLimit = 512 << 20

    /// How a download goes on.
    package enum Progress: Sendable {
        case started(url: String, bytes: Int?)
        case received(Int)
        case finished
    }

    /// The folder of all that is kept.
    let root: String
    private let directory: String
    private let fetcher: any ContentFetcher
    private let report: @Sendable (Progress) -> Void

    package init(
        directory: String, fetcher: any ContentFetcher, report: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.root = directory
        self.directory = Paths.join(directory, "content/sha256")
        self.fetcher = fetcher
        self.report = report
    }

    /// The file with this content, if it is there and undamaged.
    package func file(_ digest: ContentDigest) -> String? {
        let path = self.path(digest)
        guard Paths.kind(path) == .file, Self.digest(ofFile: path) == digest else { return nil }
        return path
    }

    /// The file with this content, downloaded when it is not there yet. Another process may do the same meanwhile.
    package func file(_ digest: ContentDigest, from url: String) async throws -> String {
        let hint = "make sure that it is the file you want before you change `digest`"
        let name = URL(string: url).map { HTTPExchange.display($0) } ?? "the component's source"
        return try await self.file(digest, called: name, mismatch: ("than the manifest says", hint)) {
            try await self.fetcher.fetch(url, onStart: $0, onChunk: $1)
        }
    }

    /// The file with this content, which `fetch` gets when it is not there yet.
    ///
    /// - Parameters:
    ///   - name: where it comes from, for messages.
    ///   - mismatch: what to say of other content: "is another file …", and a hint.
    package func file(
        _ digest: ContentDigest, called name: String, mismatch: (text: String, hint: String),
        fetch: (_ onStart: (Int?) throws -> Void, _ onChunk: (UnsafeRawBufferPointer) throws -> Void) async throws ->
            Void
    ) async throws -> String {
        if let path = self.file(digest) { return path }
        do {
            try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        } catch {
            throw FetchError("cannot make the directory `\(self.directory)`: \(error.shortReason)")
        }
        var template = Array(Paths.join(self.directory, ".download-XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw FetchError("cannot write to `\(self.directory)`: \(Paths.lastError)")
        }
        let partial = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        defer { unlink(partial) }
        do {
            defer { close(descriptor) }
            try await self.download(name, digest, mismatch, fetch, to: descriptor)
        }
        let path = self.path(digest)
        // Whoever looks for the file sees all of it or nothing.
        guard rename(partial, path) == 0 else { throw FetchError("cannot write `\(path)`: \(Paths.lastError)") }
        return path
    }

    private func download(
        _ name: String, _ digest: ContentDigest, _ mismatch: (text: String, hint: String),
        _ fetch: ((Int?) throws -> Void, (UnsafeRawBufferPointer) throws -> Void) async throws -> Void,
        to descriptor: Int32
    ) async throws {
        var hash = SHA256()
        var received = 0
        try await fetch(
            { total in
                guard total ?? 0 <= Self.sizeLimit else { throw Self.tooLarge(name) }
                self.report(.started(url: name, bytes: total))
            },
            { bytes in
                received += bytes.count
                guard received <= Self.sizeLimit else { throw Self.tooLarge(name) }
                hash.update(bufferPointer: bytes)
                try Self.writeAll(bytes, to: descriptor)
                self.report(.received(received))
            })
        self.report(.finished)
        let found = ContentDigest(digest: hash.finalize())
        guard found == digest else {
            throw FetchError(
                "`\(name)` is another file \(mismatch.text): its digest is \(found)\n"
                    + "  hint: \(mismatch.hint)")
        }
    }

    /// Keeps bytes, and gives the path of their file.
    @discardableResult
    package func store(_ bytes: UnsafeRawBufferPointer) async throws -> String {
        let digest = Self.digest(of: bytes)
        return try await self.file(digest, called: "\(digest)", mismatch: ("than it was", "")) { _, onChunk in
            try onChunk(bytes)
        }
    }

    package static func digest(of bytes: UnsafeRawBufferPointer) -> ContentDigest {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return ContentDigest(digest: hash.finalize())
    }

    private static func tooLarge(_ url: String) -> FetchError {
        FetchError("`\(url)` has more than \(Self.sizeLimit >> 20) MiB")
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FetchError("cannot keep the download: \(Paths.lastError)") }
            rest = rest.dropFirst(count)
        }
    }

    package static func digest(ofFile path: String) -> ContentDigest? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = systemRead(descriptor, buffer)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return ContentDigest(digest: hash.finalize())
    }

    private func path(_ digest: ContentDigest) -> String {
        Paths.join(self.directory, digest.hexadecimal + ".wasm")
    }
}

extension ContentDigest {
    fileprivate init(digest: SHA256Digest) {
        var text = ""
        for byte in digest { text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        self.init(hexadecimal: text)
    }
}
