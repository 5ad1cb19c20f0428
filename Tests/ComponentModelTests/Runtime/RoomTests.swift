import ComponentModel
import TestSupport
import Testing

/// The memory by way of which values pass between guests with 64-bit memories and the host.
@Suite struct RoomTests {
    @Test func isEmptyAgainBehindACallThatStays() {
        let room = Room()
        _ = room.enter()
        let kept = room.place(Layout(size: 100, alignment: 4))
        for _ in 0..<1000 {
            let call = room.enter()
            let place = room.place(Layout(size: 60_000, alignment: 8))
            #expect(place == 104..<60_104)
            #expect(room.place(Layout(size: 3, alignment: 1)) == 60_104..<60_107)
            room.leave(call)
        }
        #expect(kept == 0..<100)
    }

    /// Calls that overlap each other all the time: there always is one.
    @Test func isUsedAgainWhileCallsOverlap() {
        let room = Room()
        var last = room.enter()
        _ = room.place(Layout(size: 1000, alignment: 1))
        for _ in 0..<1000 {
            let call = room.enter()
            #expect(room.place(Layout(size: 1000, alignment: 1)).upperBound <= 2000)
            room.leave(last)
            last = call
        }
    }

    @Test func growsWhereACallGoesOn() {
        let room = Room()
        let one = room.enter()
        #expect(room.place(Layout(size: 10, alignment: 1)) == 0..<10)
        let other = room.enter()
        #expect(room.place(Layout(size: 10, alignment: 1)) == 10..<20)
        room.resume(one)
        #expect(room.place(Layout(size: 10, alignment: 1)) == 20..<30)
        room.leave(one)
        room.resume(other)
        #expect(room.place(Layout(size: 10, alignment: 1)) == 0..<10)
        #expect(room.place(Layout(size: 1, alignment: 1)) == 20..<21)
    }

    /// Whatever comes and goes, nothing is in two places, and nothing is where it should not be.
    @Test func placesNeverOverlap() {
        let room = Room()
        var random = SplitMix64(seed: 64)
        var used: [Int: [Range<Int>]] = [:]
        for _ in 0..<20_000 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where used.count < 20: used[room.enter()] = []
            case 1:
                guard let call = used.keys.sorted().randomElement(using: &random) else { continue }
                room.leave(call)
                used[call] = nil
            default:
                guard let call = used.keys.sorted().randomElement(using: &random) else { continue }
                room.resume(call)
                for _ in 0..<Int.random(in: 1..<4, using: &random) {
                    let alignment = 1 << Int.random(in: 0..<4, using: &random)
                    let size = Int.random(in: 0..<200, using: &random)
                    let place = room.place(Layout(size: size, alignment: alignment))
                    #expect(place.count == size && place.lowerBound % alignment == 0)
                    #expect(!used.values.joined().contains { $0.overlaps(place) })
                    used[call]?.append(place)
                }
            }
        }
    }
}
