/// memcpy between two buffers: what moving bytes costs at least.
final class MemoryCopy {
    private let source: UnsafeMutableRawBufferPointer
    private let destination: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        self.source = .allocate(byteCount: byteCount, alignment: 64)
        self.destination = .allocate(byteCount: byteCount, alignment: 64)
        self.source.initializeMemory(as: UInt8.self, repeating: 1)
        self.destination.initializeMemory(as: UInt8.self, repeating: 2)
    }

    deinit {
        self.source.deallocate()
        self.destination.deallocate()
    }

    func run(times: Int) {
        for _ in 0..<times { self.copy() }
    }

    /// Not inlined, so that no copy is left out.
    @inline(never)
    private func copy() {
        self.destination.copyMemory(from: UnsafeRawBufferPointer(self.source))
    }
}
