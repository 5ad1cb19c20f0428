import ComponentModel
import Testing
import WasmEngine

/// A component that must be refused, with what the message says and, where it matters, the byte that it names.
struct Refusal: Sendable, CustomTestStringConvertible {
    private enum Source: Sendable {
        case text(String)
        case bytes([UInt8])
    }

    private let source: Source
    let message: String
    let offset: Int?
    let kind: ComponentError.Kind

    /// The fields of a component, as text.
    init(_ fields: String, _ message: String, at offset: Int? = nil, _ kind: ComponentError.Kind = .invalid) {
        self.source = .text("(component \(fields))")
        self.message = message
        self.offset = offset
        self.kind = kind
    }

    /// A whole file.
    init(file: [UInt8], _ message: String, at offset: Int?, _ kind: ComponentError.Kind = .malformed) {
        self.source = .bytes(file)
        self.message = message
        self.offset = offset
        self.kind = kind
    }

    /// One section, whose contents begin at byte 10.
    init(
        section id: UInt8, _ contents: [UInt8], _ message: String, at offset: Int?,
        _ kind: ComponentError.Kind = .malformed
    ) {
        self.init(file: Self.file(section: id, contents), message, at: offset, kind)
    }

    static let preamble: [UInt8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
    static let modulePreamble: [UInt8] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

    static func file(section id: UInt8, _ contents: [UInt8]) -> [UInt8] {
        Self.preamble + [id] + leb128(contents.count) + contents
    }

    var testDescription: String {
        switch self.source {
        case .text(let text): text
        case .bytes(let bytes): bytes.prefix(60).map { String($0, radix: 16) }.joined(separator: " ")
        }
    }

    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let bytes: [UInt8]
        switch self.source {
        case .text(let text): bytes = try Engine.assemble(text)
        case .bytes(let all): bytes = all
        }
        guard let error = refusal(of: bytes) else {
            Issue.record("not refused: \(self.message)", sourceLocation: sourceLocation)
            return
        }
        #expect(error.message.contains(self.message), "\(error)", sourceLocation: sourceLocation)
        #expect(error.kind == self.kind, "\(error)", sourceLocation: sourceLocation)
        #expect((0...bytes.count).contains(error.offset), "\(error)", sourceLocation: sourceLocation)
        if let offset = self.offset { #expect(error.offset == offset, "\(error)", sourceLocation: sourceLocation) }
    }
}

/// What validation says of a component; `nil` if it is valid.
func refusal(of bytes: [UInt8], engine: Engine? = nil) -> ComponentError? {
    bytes.withUnsafeBytes { buffer in
        do throws(ComponentError) {
            try ComponentDecoder.validate(buffer, engine: engine)
            return nil
        } catch {
            return error
        }
    }
}

/// Expects that the component with these fields is valid.
func expectValid(_ fields: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let error = refusal(of: try Engine.assemble("(component \(fields))"))
    #expect(error == nil, "\(String(describing: error)): \(fields)", sourceLocation: sourceLocation)
}

func leb128(_ number: Int) -> [UInt8] {
    var number = number
    var bytes: [UInt8] = []
    repeat {
        bytes.append(UInt8(number & 0x7f) | (number > 0x7f ? 0x80 : 0))
        number >>= 7
    } while number > 0
    return bytes
}
