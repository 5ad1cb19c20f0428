/// Finds the name that was probably meant.
package enum NearestName {
    /// The candidate that differs least from `name`, or nil when none is near enough to be worth telling.
    package static func find(_ name: String, in candidates: some Sequence<String>) -> String? {
        // Longer names than any of ours are not compared: the cost grows with the product of the lengths.
        guard name.utf8.count <= 64 else { return nil }
        let written = Array(name.lowercased().utf8)
        let limit = max(1, written.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates where candidate.utf8.count <= 64 {
            let distance = Self.distance(written, Array(candidate.lowercased().utf8))
            guard distance <= limit, distance < best?.distance ?? .max else { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// Edits (insert, delete, replace, swap neighbours) that lead from one to the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var twoAbove: [Int] = []
        var above = Array(0...right.count)
        for (row, a) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, b) in right.enumerated() {
                var cost = min(above[column] + (a == b ? 0 : 1), above[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, a == right[column - 1], left[row - 1] == b {
                    cost = min(cost, twoAbove[column - 1] + 1)
                }
                current.append(cost)
            }
            (twoAbove, above) = (above, current)
        }
        return above[right.count]
    }
}
