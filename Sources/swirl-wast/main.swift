import ArgumentParser

SwirlWast.main()
