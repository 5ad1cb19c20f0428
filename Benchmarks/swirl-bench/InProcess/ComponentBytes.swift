import Foundation
import WasmEngine

/// The file of a component, assembled when it is text.
enum ComponentBytes {
    static func read(_ path: String) throws -> [UInt8] {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        return path.hasSuffix(".wat") ? try Engine.assemble(String(decoding: bytes, as: UTF8.self)) : bytes
    }
}
