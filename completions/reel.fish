# SPDX-License-Identifier: BSD-2-Clause
# fish completion for reel
set -l written cut faststart fragment defragment concat repair package
set -l decoded frames sprite play
set -l commands info boxes packets seek extract $decoded doctor $written serve help
set -l films info packets seek extract frames sprite play doctor cut faststart fragment defragment

complete -c reel -n __fish_use_subcommand -f -a info -d 'Tell what a film is'
complete -c reel -n __fish_use_subcommand -f -a boxes -d 'Show the tree of boxes'
complete -c reel -n __fish_use_subcommand -f -a packets -d 'List the samples'
complete -c reel -n __fish_use_subcommand -f -a seek -d 'Find the sample shown at a time'
complete -c reel -n __fish_use_subcommand -f -a extract -d 'Write a track as an elementary stream'
complete -c reel -n __fish_use_subcommand -f -a frames -d 'Decode frames and write them as images'
complete -c reel -n __fish_use_subcommand -f -a sprite -d 'Write a storyboard of thumbnails'
complete -c reel -n __fish_use_subcommand -f -a play -d 'Play a film, or measure how it would be paced'
complete -c reel -n __fish_use_subcommand -f -a doctor -d 'Say what is odd about a film'
complete -c reel -n __fish_use_subcommand -f -a cut -d 'Write a part of a film as a film'
complete -c reel -n __fish_use_subcommand -f -a faststart -d 'Put the movie box in front'
complete -c reel -n __fish_use_subcommand -f -a fragment -d 'Make a fragmented film of any'
complete -c reel -n __fish_use_subcommand -f -a defragment -d 'Make a progressive film of any'
complete -c reel -n __fish_use_subcommand -f -a concat -d 'Put films one behind the other'
complete -c reel -n __fish_use_subcommand -f -a repair -d 'Get what can be had of a damaged film'
complete -c reel -n __fish_use_subcommand -f -a package -d 'Write HLS and DASH for a static server'
complete -c reel -n __fish_use_subcommand -f -a serve -d 'Serve a folder of films'
complete -c reel -n __fish_use_subcommand -f -a help -d 'What a command does and takes'
complete -c reel -n __fish_use_subcommand -f -l version -d 'Tell the version'

complete -c reel -n '__fish_seen_subcommand_from help' -f -a "$commands"
complete -c reel -n "__fish_seen_subcommand_from info boxes packets seek doctor frames sprite play $written" -s f -l format -x -a 'text json jsonl' -d 'How to print'
complete -c reel -n "__fish_seen_subcommand_from $films repair" -s i -l init -r -d 'Init segment'
complete -c reel -n '__fish_seen_subcommand_from repair' -s l -l like -r -d 'Good film of the same recorder'
complete -c reel -n "__fish_seen_subcommand_from $films concat package" -l strict -d 'What the standard forbids is an error'
complete -c reel -n "__fish_seen_subcommand_from boxes $films concat repair package" -l no-map -d 'Read the file, do not map it'
complete -c reel -n "__fish_seen_subcommand_from boxes serve $films concat repair package" -l color -x -a 'auto always never' -d Colours
complete -c reel -n "__fish_seen_subcommand_from boxes serve $films concat repair package" -s h -l help -d 'Say what it takes'

complete -c reel -n '__fish_seen_subcommand_from boxes' -s d -l depth -x -d Levels
complete -c reel -n '__fish_seen_subcommand_from boxes' -s F -l fields -d 'Show what is in the boxes'
complete -c reel -n '__fish_seen_subcommand_from boxes' -l rows -x -d 'Rows of a table'
complete -c reel -n '__fish_seen_subcommand_from boxes' -s p -l path -x -d 'Only these boxes'

complete -c reel -n '__fish_seen_subcommand_from packets seek extract frames sprite play cut fragment defragment' -s t -l track -x -d 'Track ID'
complete -c reel -n '__fish_seen_subcommand_from packets extract cut' -l from -x -d 'From this time on'
complete -c reel -n '__fish_seen_subcommand_from packets extract cut' -l to -x -d 'Up to before this time'
complete -c reel -n '__fish_seen_subcommand_from packets' -s k -l keys -d 'Only sync samples'
complete -c reel -n '__fish_seen_subcommand_from packets' -l order -x -a 'file dts' -d Order
complete -c reel -n '__fish_seen_subcommand_from packets' -s n -l limit -x -d 'No more than'

complete -c reel -n '__fish_seen_subcommand_from seek' -s m -l mode -x -a 'exact previous next nearest' -d 'Where decoding starts'
complete -c reel -n '__fish_seen_subcommand_from seek' -s e -l explain -d 'Show the way through the tables'

complete -c reel -n '__fish_seen_subcommand_from extract' -s o -l output -r -d 'Where to'
complete -c reel -n '__fish_seen_subcommand_from extract' -s a -l as -x -a 'auto annexb adts obu ivf raw vtt srt' -d Form
complete -c reel -n '__fish_seen_subcommand_from extract' -l cover -d 'The cover art'
complete -c reel -n '__fish_seen_subcommand_from extract' -l item -x -d 'Data of an item'

complete -c reel -n '__fish_seen_subcommand_from frames' -l at -x -d 'At these times'
complete -c reel -n '__fish_seen_subcommand_from frames' -l index -x -d 'These pictures'
complete -c reel -n '__fish_seen_subcommand_from frames' -l sample -x -d 'These samples'
complete -c reel -n '__fish_seen_subcommand_from frames' -s a -l as -x -a 'auto png jpg y4m raw npy' -d Form
complete -c reel -n '__fish_seen_subcommand_from frames' -s p -l pix -x -a 'auto rgb24 gray8 yuv420p' -d Pixels
complete -c reel -n '__fish_seen_subcommand_from frames' -l filter -x -a 'bilinear nearest area' -d 'How it is scaled'
complete -c reel -n '__fish_seen_subcommand_from frames sprite' -l every -x -d 'One each'
complete -c reel -n '__fish_seen_subcommand_from frames sprite' -s c -l count -x -d 'So many'
complete -c reel -n '__fish_seen_subcommand_from frames sprite' -s k -l keyframes -d 'Key pictures'
complete -c reel -n '__fish_seen_subcommand_from frames sprite' -s s -l size -x -d 'Scaled to WxH'
complete -c reel -n '__fish_seen_subcommand_from frames sprite' -l fit -x -a 'stretch contain cover' -d 'Where shapes differ'
complete -c reel -n '__fish_seen_subcommand_from frames sprite' -l pad -x -d 'Colour around it'
complete -c reel -n '__fish_seen_subcommand_from frames sprite' -s q -l quality -x -d 'Of JPEG'
complete -c reel -n '__fish_seen_subcommand_from frames sprite' -s j -l threads -x -d 'So many decode'
complete -c reel -n '__fish_seen_subcommand_from sprite' -l columns -x -d 'Side by side'

complete -c reel -n '__fish_seen_subcommand_from doctor' -l fail-on -x -a 'never warning problem' -d 'Exit status 1 on'

complete -c reel -n "__fish_seen_subcommand_from frames sprite $written" -s o -l output -r -d 'Where to'
complete -c reel -n "__fish_seen_subcommand_from frames sprite $written" -s n -l dry-run -d 'Show which bytes would come from where'
complete -c reel -n '__fish_seen_subcommand_from cut' -s e -l exact -d 'Begin at the time itself'
complete -c reel -n '__fish_seen_subcommand_from fragment package' -s s -l segment -x -d 'Length of a fragment or segment'
complete -c reel -n '__fish_seen_subcommand_from package' -s c -l copy -d 'Each segment as a file of its own'
complete -c reel -n '__fish_seen_subcommand_from package' -l no-subtitles -d 'Without the subtitle files beside the film'
complete -c reel -n '__fish_seen_subcommand_from package' -l no-iframes -d 'Without key pictures for fast forward'
complete -c reel -n '__fish_seen_subcommand_from serve' -s p -l port -x -d Port
complete -c reel -n '__fish_seen_subcommand_from serve' -l listen -x -d Address
complete -c reel -n '__fish_seen_subcommand_from serve' -l workers -x -d Processes
complete -c reel -n '__fish_seen_subcommand_from serve' -l segment -x -d 'Length of segments'
complete -c reel -n '__fish_seen_subcommand_from serve' -l page -r -d 'Page to show'
complete -c reel -n '__fish_seen_subcommand_from serve' -l print-config -d 'Print a configuration'
complete -c reel -n '__fish_seen_subcommand_from play' -l headless -d 'No window, a report'
complete -c reel -n '__fish_seen_subcommand_from play' -s n -l streams -x -d 'So many streams'
complete -c reel -n '__fish_seen_subcommand_from play' -l load -x -d 'Threads that never rest'
complete -c reel -n '__fish_seen_subcommand_from play' -l seconds -x -d 'For so long'
complete -c reel -n '__fish_seen_subcommand_from play' -l naive -d 'The plain loop, too'
complete -c reel -n '__fish_seen_subcommand_from play' -s w -l workers -x -d 'Threads that decode'
complete -c reel -n '__fish_seen_subcommand_from play' -s r -l fps -x -d 'Frames a second'
complete -c reel -n '__fish_seen_subcommand_from play' -l keep -d 'The window stays at the end'
complete -c reel -n '__fish_seen_subcommand_from play' -l rate -x -d 'Times as fast'
complete -c reel -n '__fish_seen_subcommand_from play' -l policy -x -a 'drop show wait' -d 'When frames are late'
complete -c reel -n '__fish_seen_subcommand_from play' -l ahead -x -d 'Frames decoded ahead'
complete -c reel -n '__fish_seen_subcommand_from play' -s l -l loop -d 'From the beginning again'
