import ComponentModel
import Testing
import WasmEngine

/// Values of every type on their way from the host through two components, whose memories have 32 or 64 bits.
@Suite struct AddressWidthTests {
    private static let encodings = ["utf8", "utf16", "latin1+utf16"]

    private func call(_ name: String, _ value: ComponentValue, _ mirror: MirrorText) throws -> ComponentValue? {
        let component = try linked(mirror.text)
        let store = Store(component.engine)
        let function = try #require(component.exportedFunction(name, in: nil))
        let instance = try ComponentInstance(component, in: store, host: Recorder(), waker: Waker())
        return try instance.call(function, [value])
    }

    @Test(arguments: [false, true], [false, true])
    func valuesOfEveryTypePass(outer: Bool, inner: Bool) throws {
        let mirror = MirrorText(outer: .init(isWide: outer), inner: .init(isWide: inner))
        #expect(try self.call("mirror", MirrorText.value, mirror) == MirrorText.value)
        for value in MirrorText.variants {
            #expect(try self.call("case", value, mirror) == value)
        }
    }

    @Test(arguments: encodings, encodings)
    func textPassesInEveryEncoding(outer: String, inner: String) throws {
        for (isOuterWide, isInnerWide) in [(false, true), (true, false), (true, true)] {
            let mirror = MirrorText(
                outer: .init(isWide: isOuterWide, encoding: outer), inner: .init(isWide: isInnerWide, encoding: inner))
            #expect(try self.call("mirror", MirrorText.value, mirror) == MirrorText.value)
            for text in ["", "plain", "grüße", "日本 🙂", String(repeating: "a", count: 100)] {
                #expect(try self.call("echo", .string(text), mirror) == .string(text))
            }
        }
    }
}
