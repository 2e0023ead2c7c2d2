from community.commands import main

main()
