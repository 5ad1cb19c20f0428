import ComponentModel
import Testing

/// Writing many values into a guest's memory.
@Suite struct GuestWriterTests {
    private static let count = 3

    /// Copies some numbers, each of which the guest finds a page for; gives their places.
    private static let registry = HostRegistry([
        HostInterface(
            name: TestAPI.interface.name, versions: TestAPI.interface.versions,
            resources: TestAPI.interface.resources,
            functions: TestAPI.interface.functions.filter { $0.name != "numbers" } + [
                HostFunction(name: "numbers", signature: "() -> list<u32>") { call in
                    let list = try call.write { writer in
                        let places = try (1...UInt32(Self.count)).map { number in
                            try withUnsafeBytes(of: number.littleEndian) { try writer.copy($0) }
                        }
                        let (pointer, view) = try writer.allocate(size: places.count * 4, alignment: 4)
                        for (index, place) in places.enumerated() { view.set(u32: place, at: index * 4) }
                        return pointer
                    }
                    let view = try call.view(call.i32(0), size: 8, alignment: 4)
                    view.set(u32: list, at: 0)
                    view.set(u32: UInt32(Self.count), at: 4)
                }
            ])
    ])

    @Test func followsAMemoryThatGrows() throws {
        var guest = GuestText(
            run: """
                (call $numbers (i32.const 64))
                (i32.add
                  (i32.load (i32.load (i32.load (i32.const 64))))
                  (i32.mul (i32.const 100) (i32.load (i32.load offset=8 (i32.load (i32.const 64))))))
                """)
        guest.realloc = "(i32.mul (memory.grow (i32.const 1)) (i32.const 65536))"
        let running = try RunningGuest(try linked(guest.text, registry: Self.registry))
        #expect(try running.advance())
        #expect(running.result == 301)
    }

    @Test func trapsWhereTheAllocatorGivesWhatIsNotThere() throws {
        var guest = GuestText(run: "(call $numbers (i32.const 64)) (i32.const 0)")
        guest.realloc = "(i32.const 65534)"
        let running = try RunningGuest(try linked(guest.text, registry: Self.registry))
        #expect(throws: (any Error).self) { try running.advance() }
    }
}
