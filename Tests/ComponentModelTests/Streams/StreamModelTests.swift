import TestSupport
import Testing

/// Random operations on a stream and on the model of one: every result, every event and every byte must be the same.
@Suite struct StreamModelTests {
    @Test(arguments: ["stream", "future"]) func behavesAsTheModel(kind: String) throws {
        for seed in 0..<24 { try self.compare(kind, seed: UInt64(seed)) }
    }

    private func compare(_ kind: String, seed: UInt64) throws {
        var dice = SplitMix64(seed: seed)
        let rig = try StreamRig()
        let isAcross = dice.roll(2) == 0
        let reading = isAcross ? StreamRig.Guest.q : .p
        for _ in 0..<4 {
            var model = StreamModel(isFuture: kind == "future")
            var (reader, writer) = try rig.new(.p, kind)
            if isAcross { reader = try rig.move(reader, from: .p, to: .q, kind) }
            for step in 0..<30 {
                let isReader = dice.roll(2) == 0
                let guest = isReader ? reading : .p
                let handle = isReader ? reader : writer
                let place = Comment(rawValue: "seed \(seed), step \(step), \(isReader ? "reader" : "writer")")
                switch dice.roll(12) {
                case 0..<6:
                    let length = kind == "future" ? 1 : dice.roll(5)
                    let bytes = isReader ? [] : (0..<length).map { _ in UInt8(dice.roll(256)) }
                    var next = model
                    let expected = next.copy(isReader, length, bytes)
                    // A trap would end the instance.
                    guard let expected else { continue }
                    model = next
                    let pointer: UInt32 = isReader ? 1000 : 2000
                    try rig.poke(guest, bytes, at: pointer)
                    let verb = isReader ? "read" : "write"
                    let result =
                        kind == "future"
                        ? try rig.call(guest, "future-\(verb)", handle, pointer)
                        : try rig.call(guest, "stream-\(verb)", handle, pointer, UInt32(length))
                    #expect(result == expected, place)
                case 6, 7, 8:
                    guard !model[isReader].isGone else { continue }
                    let expected = model.deliver(isReader)
                    #expect(try rig.poll(guest, handle)?.payload == expected, place)
                case 9, 10:
                    var next = model
                    guard let expected = next.cancel(isReader) else { continue }
                    model = next
                    let verb = isReader ? "cancel-read" : "cancel-write"
                    #expect(try rig.call(guest, "\(kind)-\(verb)", handle) == expected, place)
                default:
                    guard dice.roll(3) == 0, model.drop(isReader) else { continue }
                    try rig.call(guest, "\(kind)-drop-\(isReader ? "readable" : "writable")", handle)
                }
                #expect(try rig.peek(reading, model.reader.bytes.count, at: 1000) == model.reader.bytes, place)
                if model.reader.isGone, model.writer.isGone { break }
            }
        }
    }
}

extension SplitMix64 {
    fileprivate mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &self) }
}
