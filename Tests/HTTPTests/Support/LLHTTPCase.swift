import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A case of llhttp's test suite: a request in Markdown, and the log of llhttp's parse.
struct LLHTTPCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// Such as `request`, or `request-lenient-headers`, which allows more.
    let type: String
    let isPaused: Bool
    let input: [UInt8]
    /// What llhttp's log tells.
    let isRefused: Bool
    let methods: [String]
    let bodyBytes: Int
    let completed: Int

    var testDescription: String { self.name }
    var isStrict: Bool { self.type == "request" || self.type == "request-finish" }

    static let directory: URL = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder = folder.deletingLastPathComponent() }
        return folder.appending(path: ".deps/llhttp-cases")
    }()

    static let all: [LLHTTPCase] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: Self.directory.path)) ?? []
        return files.filter { $0.hasSuffix(".md") }.sorted().flatMap { file in
            let data = try? Data(contentsOf: Self.directory.appending(path: file))
            return Self.parse(String(decoding: data ?? Data(), as: UTF8.self), file: file)
        }
    }()

    private static func parse(_ text: String, file: String) -> [LLHTTPCase] {
        var cases: [LLHTTPCase] = []
        var title = ""
        var meta = ""
        var input: String?
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        func block() -> String {
            var block: [Substring] = []
            while let line = lines.popFirst(), line != "```" { block.append(line) }
            return block.joined(separator: "\n")
        }
        while let line = lines.popFirst() {
            if line.hasPrefix("#") {
                title = line.drop { $0 == "#" || $0 == " " }.description
            } else if line.hasPrefix("<!-- meta=") {
                meta = String(line)
            } else if line == "```http" {
                input = block()
            } else if line == "```log", let text = input {
                input = nil
                if let parsed = Self.make("\(file): \(title)", meta, text, log: block()) { cases.append(parsed) }
            }
        }
        return cases
    }

    private static func make(_ name: String, _ meta: String, _ text: String, log: String) -> LLHTTPCase? {
        guard let type = meta.firstMatch(of: #/"type": "([a-z-]+)"/#)?.1, !text.contains("${") else { return nil }
        var methods: [String] = []
        var bytes = 0
        for line in log.split(separator: "\n") {
            if let match = line.firstMatch(of: #/span\[method\]="(.*)"/#) { methods.append(String(match.1)) }
            if let match = line.firstMatch(of: #/len=([0-9]+) span\[body\]/#) { bytes += Int(match.1) ?? 0 }
        }
        return LLHTTPCase(
            name: name, type: String(type), isPaused: meta.contains("pause"), input: Self.unescape(text),
            isRefused: log.contains("error code=") && !log.contains("error code=22"), methods: methods,
            bodyBytes: bytes, completed: log.split(separator: "\n").count { $0.hasSuffix("message complete") })
    }

    /// The rules of llhttp's own runner.
    private static func unescape(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\n"): bytes += [13, 10]
            case UInt8(ascii: "\\"):
                guard let next = rest.first else {
                    bytes.append(byte)
                    continue
                }
                switch next {
                case UInt8(ascii: "\n"): rest.removeFirst()
                case UInt8(ascii: "r"), UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "f"):
                    rest.removeFirst()
                    let values: [UInt8: UInt8] = [0x72: 13, 0x6e: 10, 0x74: 9, 0x66: 12]
                    bytes.append(values[next] ?? next)
                case UInt8(ascii: "x"):
                    let digits = rest.dropFirst().prefix {
                        (0x61...0x66).contains($0 | 0x20) || (0x30...0x39).contains($0)
                    }
                    rest = rest.dropFirst(1 + digits.count)
                    let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0
                    bytes += Array(String(Unicode.Scalar(value) ?? " ").utf8)
                case 0x30...0x37:
                    let digits = rest.prefix(3).prefix { (0x30...0x37).contains($0) }
                    rest = rest.dropFirst(digits.count)
                    let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 8) ?? 0
                    bytes += Array(String(Unicode.Scalar(value) ?? " ").utf8)
                default: bytes.append(byte)
                }
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}
